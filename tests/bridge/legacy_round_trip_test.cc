// A host and a server of the older era, with the newer one between them: what each sends arrives as
// it was, but for what rewrites.h names.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "back_to_back.h"
#include "bridge/ascent/ascent.h"
#include "bridge/descent/descent.h"
#include "dice.h"
#include "rewrites.h"

namespace dogpipe::bridge {
namespace {

struct Question {
  std::string id;       // the server's
  std::string host_id;  // the bridge's, once it is asked
  std::string method;
  std::string params;
  std::string reply;  // a raw result of the host
  bool withdrawn = false;
};

struct Call {
  std::string mark;
  std::string id;
  std::string method;
  std::string params;
  std::string token;   // raw, or empty
  std::string far_id;  // at the server
  std::optional<std::size_t> level;
  std::vector<Question> asked;   // the host has them
  std::vector<Question> later;   // came while it had them
  std::optional<Lines> outcome;  // came while it had them
  bool again = false;            // the call goes anew, once they are answered
  bool declined = false;
  int sends = 1;
  int unmet = 0;  // the code with which the last question was refused
  std::optional<int> progress;
  bool at_server = true;
  bool answered = false;

  bool bound() const { return !answered && asked.empty(); }
};

class LegacyScript : BackToBack {
 public:
  explicit LegacyScript(std::uint64_t seed)
      : BackToBack(check_for_modern_server, check_for_modern_host, check_for_legacy_host),
        dice_(seed),
        descent_(loop, server, tunnel.replies(), mint_with("d"), {}),
        ascent_(loop, tunnel, replies, mint_with("a"), "mcp.example", {}) {
    tunnel.connect(ascent_.listener(), descent_);
    server.attach(descent_.listener());
    server.on_send = [](const Request& one) { check_for_legacy_server(one.text->view()); };
  }

  void run() {
    open();
    const std::size_t steps = 5 + dice_.below(50);
    for (std::size_t i = 0; i < steps; ++i) step();
    end();
  }

 private:
  // ---- what must have happened

  void expect(const Lines& for_server, const Lines& for_host) {
    settle();
    REQUIRE_EQ(show(told()), show(for_server));
    REQUIRE_EQ(show(std::exchange(heard, {})), show(for_host));
  }
  // What the server got; the ids that the bridge makes are not compared.
  Lines told() {
    Lines lines;
    for (; seen_ < server.count(); ++seen_) {
      const Request one = server.request(static_cast<int>(seen_));
      Fields fields = fields_of(one.text->view());
      if (!one.raw_id.empty()) fields["id"] = "0";
      if (fields.contains("error")) fields["error"] = get(fields["error"], "code");
      lines.push_back(write(fields));
      if (one.method == "logging/setLevel") settings_.push_back(one.raw_id);
    }
    for (const std::string& id : std::exchange(settings_, {})) server.answer(id, "{}");
    return lines;
  }
  static std::string request_text(std::string_view method, std::string_view params) {
    return rpc::write_call("0", method, params);
  }
  static std::string refusal_text(std::string_view raw_id, int code) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{}}})", raw_id, code);
  }
  void host(std::string_view text) { host_says(text, replies, ascent_); }

  // The server logs for the most verbose of the calls that the host waits for.
  void level_for(Lines& for_server) {
    std::optional<std::size_t> most;
    for (const Call& call : calls_) {
      if (call.bound()) most = std::max(most, call.level);
    }
    if (!logging_ || !most || most == told_level_) return;
    told_level_ = most;
    for_server.push_back(
        request_text("logging/setLevel", fmt::format(R"({{"level":"{}"}})", kLevels[*most])));
  }

  // ---- the opening

  std::string maybe(std::size_t n, std::string_view text) {
    return dice_.one_in(n) ? std::string() : std::string(text);
  }
  std::string host_capabilities() {
    Lines members = dice_.members(2);
    forms_ = dice_.below(4) > 0;
    urls_ = forms_ && dice_.below(4) > 0;
    if (forms_) {
      members.push_back(urls_             ? R"("elicitation":{"form":{},"url":{}})"
                        : dice_.one_in(2) ? R"("elicitation":{})"
                                          : R"("elicitation":{"form":{"x":1}})");
    }
    sampling_ = dice_.below(4) > 0;
    if (sampling_) members.push_back(R"("sampling":{"tools":{}})");
    roots_ = dice_.below(4) > 0;
    if (roots_)
      members.push_back(dice_.one_in(2) ? R"("roots":{"listChanged":true})" : R"("roots":{})");
    if (dice_.one_in(3)) members.push_back(R"("tasks":{"list":{}})");
    if (dice_.one_in(3)) {
      members.push_back(
          R"("extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{ }})");
    }
    return dice_.join(std::move(members));
  }
  std::string server_capabilities() {
    Lines members = dice_.members(2);
    const auto changes = [this](const char* name, bool& offered) {
      offered = dice_.one_in(2);
      return fmt::format(R"("{}":{{"listChanged":{}}})", name, offered);
    };
    members.push_back(changes("tools", tools_change_));
    members.push_back(changes("prompts", prompts_change_));
    resources_change_ = dice_.one_in(2);
    subscribes_ = dice_.below(4) > 0;
    members.push_back(fmt::format(R"("resources":{{"listChanged":{},"subscribe":{}}})",
                                  resources_change_, subscribes_));
    logging_ = dice_.below(4) > 0;
    if (logging_) members.push_back(R"("logging":{})");
    if (dice_.one_in(3)) members.push_back(R"("tasks":{"list":{}})");
    return dice_.join(std::move(members));
  }

  void open() {
    const std::string revision(
        dice_.one_of({"2025-11-25", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "x"}));
    const std::string spoken = revision == "x" ? "2025-11-25" : revision;
    const std::string capabilities = host_capabilities();
    if (spoken < "2025-11-25") urls_ = false;
    if (spoken < "2025-06-18") forms_ = false;
    const std::string info = R"({"name":"h","version":"1","t":)" + dice_.value() + '}';
    const std::string id = dice_.raw_id();
    host(rpc::write_call(id, "initialize",
                         fmt::format(R"({{"protocolVersion":"{}","capabilities":{},)"
                                     R"("clientInfo":{}}})",
                                     revision, capabilities, info)));
    const std::string wanted = rewrites::capabilities(capabilities, spoken);
    settle();
    const Lines sent = told();
    REQUIRE_EQ(sent.size(), 1);
    const std::string params = get(sent[0], "params");
    CHECK_EQ(in_order(get(params, "capabilities")), wanted);
    CHECK_EQ(get(params, "clientInfo"), info);
    CHECK_EQ(get(params, "protocolVersion"), R"("2025-11-25")");
    answer_initialize(id, spoken);
    if (dice_.one_in(8)) return;
    host(rpc::write_call("", "notifications/initialized", dice_.one_in(2) ? "" : "{}"));
    initialized_ = true;
    expect({}, {});
  }

  void answer_initialize(const std::string& id, const std::string& revision) {
    Lines members = dice_.members(2);
    Fields result = fields_of(dice_.join(members));
    const std::string capabilities = server_capabilities();
    result["capabilities"] = capabilities;
    result["serverInfo"] = R"({"name":"s","version":"2","u":)" + dice_.value() + '}';
    result["protocolVersion"] = '"' + std::string(dice_.one_of({"2025-11-25", "2025-06-18"})) + '"';
    if (dice_.one_in(2)) result["instructions"] = dice_.raw_text();
    server.answer(server.id(-1), write(result));
    result["protocolVersion"] = '"' + revision + '"';
    settle();
    REQUIRE_EQ(heard.size(), 1);
    Fields got = fields_of(get(heard[0], "result"));
    got["capabilities"] = in_order(got["capabilities"]);
    result["capabilities"] = rewrites::capabilities(capabilities);
    CHECK_EQ(write(got), write(result));
    CHECK_EQ(get(heard[0], "id"), id);
    heard.clear();
    expect({rpc::write_call("", "notifications/initialized", "")}, {});
  }

  // ---- steps

  void step() {
    const std::size_t choice = dice_.below(100);
    auto below = [choice, limit = std::size_t{0}](std::size_t more) mutable {
      return choice < (limit += more);
    };
    if (below(18)) return call();
    if (below(5)) return with_call([this](Call& one) { answer(one); });
    if (below(4)) return with_call([this](Call& one) { refuse(one); });
    if (below(2)) return with_call([this](Call& one) { fail(one); });
    if (below(10)) return with_call([this](Call& one) { progress(one); });
    if (below(6)) return with_call([this](Call& one) { log_line(one); });
    if (below(15)) return with_call([this](Call& one) { ask(one); });
    if (below(17)) return reply();
    if (below(3)) return with_call([this](Call& one) { withdraw(one); });
    if (below(3)) return cancel();
    if (below(5)) return announce();
    if (below(4)) return subscribe();
    if (below(4)) return set_level();
    odds();
  }
  template <class Function>
  void with_call(Function&& function) {
    std::vector<Call*> some;
    for (Call& one : calls_) {
      if (one.at_server) some.push_back(&one);
    }
    if (!some.empty()) function(*dice_.pick(some));
  }

  std::string fresh_id() {
    for (;;) {
      std::string id = dice_.raw_id();
      if (replies.awaited_from(id) == nullptr) return id;
    }
  }

  void call() {
    Call one;
    one.id = fresh_id();
    one.mark = "m" + std::to_string(++marks_);
    one.method = dice_.pick(kMethods);
    Lines members = dice_.members(3);
    members.push_back(R"("mark":")" + one.mark + '"');
    if (dice_.below(4) > 0) members.push_back(R"("name":)" + dice_.raw_text());
    if (dice_.below(4) > 0) members.push_back(R"("arguments":)" + dice_.object(4));
    if (dice_.one_in(4)) members.push_back(R"("uri":)" + dice_.raw_text());
    if (dice_.one_in(4)) members.push_back(R"("task":{"ttl":1})");
    if (dice_.below(3) > 0) members.push_back(R"("_meta":)" + host_meta(one));
    one.params = dice_.join(std::move(members));
    one.level = level_;
    calls_.push_back(one);
    host(rpc::write_call(one.id, one.method, one.params));
    Lines for_server;
    level_for(for_server);
    for_server.push_back(request_text(one.method, rewrites::host_params(one.params)));
    expect(for_server, {});
    calls_.back().far_id = server.id(-1);
  }
  std::string host_meta(Call& one) {
    Lines meta = dice_.members(2);
    if (dice_.below(3) > 0) {
      one.token = dice_.raw_id();
      meta.push_back(R"("progressToken":)" + one.token);
    }
    if (dice_.one_in(2))
      meta.push_back(R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7")");
    if (dice_.one_in(4)) meta.push_back(R"("io.modelcontextprotocol/related-task":{"taskId":"1"})");
    return dice_.join(std::move(meta));
  }

  // Some servers write in several lines: those of the envelope go, and no value changes.
  std::string in_lines(std::string text) {
    if (dice_.one_in(4)) text.insert(1, "\n ");
    return text;
  }

  std::string result_of(const Call& one) {
    Lines members = dice_.members(3);
    if (dice_.one_in(3)) members.push_back(R"("_meta":)" + dice_.object(2));
    if (dice_.one_in(4)) members.push_back(R"("ttlMs":5)");
    if (dice_.one_in(4)) members.push_back(R"("resultType":)" + dice_.raw_text());
    if (one.method == "tools/call") {
      members.push_back(R"("content":[{"type":"text","text":"x" }, )" + dice_.value() + "]");
      if (dice_.one_in(3))
        members.push_back(R"("structuredContent":)" + dice_.object(4));
      else if (dice_.one_in(3))
        members.push_back(R"("structuredContent":)" + dice_.value());
    }
    if (one.method == "tools/list") {
      members.push_back(
          R"("tools":[{"name":"a" ,"inputSchema":{"type":"object"},"v":)" + dice_.value() +
          R"(},{"name":"b","execution":{"taskSupport":"required"}},{"name":"c",)"
          R"("execution":{"taskSupport":"optional"},"outputSchema":{"type":"array"}}])");
    }
    return dice_.join(std::move(members));
  }

  // The server's last word: now for the host, or when it comes back.
  void finish(Call& one, const Lines& for_host) {
    one.at_server = false;
    one.later.clear();
    if (one.answered) return expect({}, {});  // the host has given it up
    if (!one.asked.empty()) {
      one.outcome = for_host;
      return expect({}, {});
    }
    one.answered = true;
    Lines for_server;
    level_for(for_server);
    expect(for_server, for_host);
  }

  void answer(Call& one) {
    const std::string text = in_lines(rpc::write_result(one.far_id, result_of(one)));
    const std::string result = get(on_one_line(text), "result");
    server.answer_text(one.far_id, text);
    finish(one, {rpc::write_result(one.id, rewrites::legacy_result(one.method, result))});
  }

  void refuse(Call& one) {
    if (may_be_asked(one.method) && one.sends < 8 && dice_.one_in(3)) return demand_urls(one);
    const std::string_view code = dice_.one_of(
        {"-32700", "-32600", "-32601", "-32602", "-32603", "-32000", "-32001", "-32002", "-32003",
         "-32010", "-32020", "-32021", "-32022", "-32042", "1", "0", "-1", "4294967296", "-31009"});
    Lines members = {R"("code":)" + std::string(code), R"("message":)" + dice_.raw_text()};
    if (dice_.one_in(2))
      members.push_back(R"("data":)" + dice_.value());
    else if (dice_.one_in(2))
      members.push_back(R"("data":{"uri":"u","requiredCapabilities":{"roots":{}}})");
    const std::string raw_error = dice_.join(std::move(members));
    server.refuse(one.far_id, raw_error, dice_.one_in(2) ? 200 : 400);
    const bool blamed = one.unmet != 0 && code == std::to_string(one.unmet);
    finish(one,
           {blamed ? ours(one.id, -32603) : rewrites::error(one.id, one.method, raw_error, true)});
  }

  // -32042 is what asks for URLs without a request.
  void demand_urls(Call& one) {
    Question question;
    question.method = "elicitation/create";
    question.params =
        fmt::format(R"({{"mode":"url","url":"https://{}","elicitationId":"e","message":{}}})",
                    ++marks_, dice_.raw_text());
    server.refuse(one.far_id, R"({"code":-32042,"message":"m","data":{"elicitations":[)" +
                                  question.params + "]}}");
    const bool parked = !one.answered && !one.asked.empty();
    if (!urls_ || one.declined || one.answered) return finish(one, {ours(one.id, -32603)});
    if (parked) return fetch_later(one, question);
    one.at_server = false;
    one.again = true;
    show_questions(one, {question}, {});
  }
  void fetch_later(Call& one, const Question& question) {
    one.at_server = false;
    one.later = {question};
    one.again = true;
    expect({}, {});
  }

  void fail(Call& one) {
    Failure failure;
    failure.code = dice_.one_in(2) ? -31009 : -31003;
    failure.kind = "network";
    failure.message = "cut";
    server.fail(one.far_id, failure);
    finish(one, {ours(one.id, failure.code)});
  }

  void progress(Call& one) {
    const int value = static_cast<int>(dice_.below(5));
    const std::string token = one.token.empty() ? R"("none")" : one.token;
    const std::string text = in_lines(rpc::write_call(
        "", "notifications/progress",
        dice_.join({R"("progressToken":)" + token, R"("progress":)" + std::to_string(value),
                    R"("mark":")" + one.mark + '"', R"("more":)" + dice_.value()})));
    server.say(one.far_id, text);
    // A request that goes in several rounds has one progress, which grows.
    const bool old = one.sends > 1 && one.progress && value <= *one.progress;
    if (!one.bound() || one.token.empty() || old) return expect({}, {});
    one.progress = value;
    expect({}, {on_one_line(text)});
  }

  void log_line(Call& one) {
    const std::size_t level = dice_.below(8);
    const std::string text = in_lines(rpc::write_call(
        "", "notifications/message",
        dice_.join({fmt::format(R"("level":"{}")", kLevels[level]), R"("data":)" + dice_.value(),
                    R"("mark":")" + one.mark + '"'})));
    const bool on_its_own = dice_.one_in(4);  // nobody hears what is said on no request
    server.say(on_its_own ? "" : one.far_id, text);
    const bool wanted = !on_its_own && one.bound() && one.level && level <= *one.level;
    expect({}, wanted ? Lines{on_one_line(text)} : Lines{});
  }

  // ---- questions

  Question make_question(const Call& one) {
    Question question;
    question.id = fresh_question_id();
    Lines members = dice_.members(2);
    members.push_back(R"("mark":")" + one.mark + '"');
    if (dice_.one_in(4)) members.push_back(R"("task":{})");
    if (dice_.one_in(3)) {
      members.push_back(
          R"("_meta":{"progressToken":1,"io.modelcontextprotocol/related-task":{"taskId":"t"}})");
    }
    switch (dice_.below(4)) {
      case 0:
        question.method = "sampling/createMessage";
        if (dice_.one_in(3)) members.push_back(R"("tools":[])");
        break;
      case 1:
        question.method = "roots/list";
        break;
      case 2:
        question.method = "elicitation/create";
        if (dice_.one_in(2)) members.push_back(R"("mode":"form")");
        break;
      default:
        question.method = "elicitation/create";
        members.push_back(R"("mode":"url","elicitationId":"e","url":"https://)" +
                          std::to_string(++marks_) + '"');
    }
    question.params = dice_.join(std::move(members));
    return question;
  }
  std::string fresh_question_id() {
    std::string id = dice_.raw_id();
    while (std::find(question_ids_.begin(), question_ids_.end(), id) != question_ids_.end()) {
      id = '"' + std::to_string(++marks_) + '"';
    }
    question_ids_.push_back(id);
    return id;
  }
  // With which code the server is refused, if the host cannot be asked that.
  int unmet(const Question& question) const {
    if (question.method == "roots/list") return roots_ ? 0 : -32601;
    if (question.method == "sampling/createMessage") return sampling_ ? 0 : -32601;
    if (!forms_) return -32601;
    return get(question.params, "mode") != R"("url")" || urls_ ? 0 : -32602;
  }

  void ask(Call& one) {
    if (one.sends > 7) return;
    Question question = make_question(one);
    for (int i = 0; i < 4 && unmet(question) != 0; ++i) question = make_question(one);
    const std::string text =
        in_lines(rpc::write_call(question.id, question.method, question.params));
    question.params = get(on_one_line(text), "params");
    const bool on_its_own = dice_.one_in(6);
    server.say(on_its_own ? "" : one.far_id, text);
    if (on_its_own || !may_be_asked(one.method))
      return expect({refusal_text(question.id, -32602)}, {});
    one.unmet = 0;
    if (const int code = unmet(question)) {
      one.unmet = code;
      return expect({refusal_text(question.id, code)}, {});
    }
    if (one.bound()) return show_questions(one, {question}, {});
    one.later.push_back(question);
    expect({}, {});
  }

  // The host gets them; nothing else comes on the call until it has answered.
  void show_questions(Call& one, std::vector<Question> questions, Lines for_server) {
    one.asked = std::move(questions);
    one.later.clear();
    level_for(for_server);
    settle();
    REQUIRE_EQ(heard.size(), one.asked.size());
    Lines for_host;
    for (std::size_t i = 0; i < heard.size(); ++i) {
      Question& question = one.asked[i];
      Fields fields = fields_of(heard[i]);
      question.host_id = std::exchange(fields["id"], "0");
      Fields params = fields_of(fields["params"]);
      const bool url = get(question.params, "mode") == R"("url")";
      CHECK_EQ(params.erase("elicitationId") == 1, url);
      if (fields.contains("params")) fields["params"] = write(params);
      heard[i] = write(fields);
      for_host.push_back(request_text(question.method, rewrites::question_params(question.params)));
    }
    expect(for_server, for_host);
  }

  void reply() {
    std::vector<Call*> some;
    for (Call& one : calls_) {
      if (!one.answered && !one.asked.empty()) some.push_back(&one);
    }
    if (!some.empty()) reply_to(*dice_.pick(some), dice_.one_in(6));
  }
  void reply_to(Call& one, bool with_error) {
    std::vector<Question*> open;
    for (Question& question : one.asked) {
      if (question.reply.empty()) open.push_back(&question);
    }
    Question& question = *dice_.pick(open);
    if (with_error) {
      host(rpc::write_error(question.host_id, -1, "m", ""));
      question.reply = R"({"action":"cancel"})";  // an error has no place in the newer era
      if (question.method != "elicitation/create") return break_off(one, true);
    } else {
      Lines members = dice_.members(2);
      if (question.method == "elicitation/create") {
        const std::string_view action = dice_.one_of({"accept", "accept", "decline", "cancel"});
        members.push_back(fmt::format(R"("action":"{}")", action));
      }
      question.reply = dice_.join(std::move(members));
      host(rpc::write_result(question.host_id, question.reply));
    }
    if (open.size() > 1) return expect({}, {});
    go_on(one);
  }

  // All is answered: the call goes on, at the server or with what that has said meanwhile.
  void go_on(Call& one) {
    const std::vector<Question> answered = std::exchange(one.asked, {});
    ++one.sends;
    one.level = level_;
    Lines for_server;
    level_for(for_server);
    if (one.again && one.later.empty()) return call_again(one, answered, for_server);
    if (one.again) {  // a demand for URLs has waited
      return show_questions(one, std::exchange(one.later, {}), for_server);
    }
    if (one.outcome) {
      one.answered = true;
      level_for(for_server);
      return expect(for_server, *one.outcome);
    }
    for (const Question& question : answered) {
      if (question.withdrawn) continue;
      for_server.push_back(rpc::write_result(question.id, question.reply));
    }
    if (one.later.empty()) return expect(for_server, {});
    show_questions(one, std::exchange(one.later, {}), for_server);
  }
  void call_again(Call& one, const std::vector<Question>& answered, Lines for_server) {
    one.again = false;
    one.at_server = true;
    one.unmet = 0;
    one.declined = std::any_of(answered.begin(), answered.end(), [](const Question& question) {
      return get(question.reply, "action") != R"("accept")";
    });
    for_server.push_back(request_text(one.method, rewrites::host_params(one.params)));
    expect(for_server, {});
    one.far_id = server.id(-1);
  }

  // The host does not answer any more: the bridge takes back what else it has asked. The server
  // learns of it later, since a host of the newer era just would not come back.
  void break_off(Call& one, bool answers) {
    Lines for_host;
    for (const Question& question : std::exchange(one.asked, {})) {
      if (question.reply.empty()) {
        for_host.push_back(rpc::write_call("", "notifications/cancelled",
                                           R"({"requestId":)" + question.host_id + '}'));
      }
      if (!question.withdrawn) one.later.push_back(question);
    }
    std::sort(for_host.begin(), for_host.end());
    settle();
    std::sort(heard.begin(), heard.end() - (answers ? 1 : 0));
    if (answers) for_host.push_back(ours(one.id, -32603));
    one.answered = true;
    if (!one.at_server) one.later.clear();
    expect({}, for_host);
  }

  void withdraw(Call& one) {
    std::vector<Question*> open;
    for (auto* list : {&one.asked, &one.later}) {
      for (Question& question : *list) open.push_back(&question);
    }
    if (open.empty()) return;
    Question& question = *dice_.pick(open);
    question.withdrawn = true;
    server.say(one.far_id, rpc::write_call("", "notifications/cancelled",
                                           R"({"requestId":)" + question.id + '}'));
    std::erase_if(one.later, [](const Question& each) { return each.withdrawn; });
    expect({}, {});
  }

  void cancel() {
    std::vector<Call*> some;
    for (Call& one : calls_) {
      if (!one.answered) some.push_back(&one);
    }
    if (some.empty()) return;
    Call& one = *dice_.pick(some);
    host(rpc::write_call("", "notifications/cancelled",
                         R"({"reason":"r","requestId":)" + one.id + '}'));
    if (!one.asked.empty()) return break_off(one, false);
    one.answered = true;
    one.at_server = false;
    Lines for_server;
    level_for(for_server);
    expect(for_server, {});
    REQUIRE_FALSE(server.cancelled().empty());
    CHECK_EQ(server.cancelled().back(), one.far_id);
    // A closed stream has no room for a reason.
    CHECK_EQ(get(server.cancel_texts().back(), "params"), R"({"requestId":)" + one.far_id + '}');
  }

  // ---- what is not of one call

  void announce() {
    if (dice_.one_in(2)) return announce_update();
    const std::string_view list = dice_.one_of({"tools", "prompts", "resources"});
    const bool offered = list == "tools"     ? tools_change_
                         : list == "prompts" ? prompts_change_
                                             : resources_change_;
    const std::string method = fmt::format("notifications/{}/list_changed", list);
    const std::string params = dice_.one_in(2) ? "" : announcement({});
    const std::string text = in_lines(rpc::write_call("", method, params));
    server.say("", text);
    const Lines line = {
        rpc::write_call("", method, rewrites::announced_params(get(on_one_line(text), "params")))};
    expect({}, offered && initialized_ ? line : Lines{});
  }
  std::string announcement(std::string first) {
    Lines members;
    if (!first.empty()) members.push_back(std::move(first));
    if (dice_.one_in(2))
      members.push_back(R"("_meta":{"v/w":1e400})");
    else if (dice_.one_in(2))
      members.push_back(R"("_meta":{})");
    if (dice_.one_in(2)) members.push_back(R"("x":)" + dice_.raw_text());
    return dice_.join(std::move(members));
  }
  void announce_update() {
    const std::string uri = fmt::format("u{}", dice_.below(3));
    const std::string part(dice_.one_of({"", "/part", "x"}));
    const std::string params = announcement(fmt::format(R"("uri":"{}{}")", uri, part));
    server.say("", rpc::write_call("", "notifications/resources/updated", params));
    const bool wanted = part != "x" && std::find(uris_.begin(), uris_.end(), uri) != uris_.end();
    expect({}, wanted ? Lines{rpc::write_call("", "notifications/resources/updated",
                                              rewrites::announced_params(params))}
                      : Lines{});
  }

  void subscribe() {
    const std::string id = fresh_id();
    const std::string uri = fmt::format("u{}", dice_.below(3));
    const bool on = dice_.below(3) > 0;
    // Other params have no place in a subscription of the newer era.
    host(rpc::write_call(id, on ? "resources/subscribe" : "resources/unsubscribe",
                         dice_.join({R"("uri":")" + uri + '"', R"("x":)" + dice_.value()})));
    const bool held = std::find(uris_.begin(), uris_.end(), uri) != uris_.end();
    const std::string params = R"({"uri":")" + uri + R"("})";
    if (!subscribes_) return expect({}, {ours(id, -32601)});
    if (on == held) return expect({}, {rpc::write_result(id, "{}")});
    if (!on) {
      std::erase(uris_, uri);
      expect({request_text("resources/unsubscribe", params)}, {rpc::write_result(id, "{}")});
      return server.answer(server.id(-1), "{}");
    }
    expect({request_text("resources/subscribe", params)}, {});
    if (dice_.one_in(4)) {
      server.refuse(server.id(-1), R"({"code":-32602,"message":"m"})");
      return expect({}, {ours(id, -32602)});
    }
    uris_.push_back(uri);
    server.answer(server.id(-1), dice_.object(2));
    expect({}, {rpc::write_result(id, "{}")});
  }

  void set_level() {
    const std::string id = fresh_id();
    const std::size_t level = dice_.below(9);
    const std::string_view name = level < 8 ? kLevels[level] : "loud";
    host(rpc::write_call(id, "logging/setLevel", fmt::format(R"({{"level":"{}"}})", name)));
    if (!logging_) return expect({}, {ours(id, -32601)});
    if (level == 8) return expect({}, {ours(id, -32602)});
    level_ = level;  // the server hears of it with the next call
    expect({}, {rpc::write_result(id, "{}")});
  }

  void odds() {
    const std::string params = dice_.one_in(3) ? "" : dice_.object(3);
    const std::string id = fresh_id();
    switch (dice_.below(6)) {
      case 0:  // what has no counterpart
        host(rpc::write_call(
            "",
            dice_.one_of({"notifications/progress", "notifications/roots/list_changed",
                          "notifications/tasks/status"}),
            params));
        return expect({}, {});
      case 1:
        host(rpc::write_call("", "notifications/vendor", params));
        return expect({rpc::write_call("", "notifications/vendor", rewrites::host_params(params))},
                      {});
      case 2:
        host(rpc::write_result(id, "{}"));  // to nothing
        return expect({}, {});
      case 3:
        host(rpc::write_call(id,
                             dice_.one_of({"tasks/get", "tasks/result", "tasks/list",
                                           "tasks/cancel", "subscriptions/listen"}),
                             params));
        return expect({}, {ours(id, -32601)});
      case 4:
        server.say("", rpc::write_call(id, "ping", params));
        return expect({rpc::write_result(id, "{}")}, {});
      default:
        server.say("", rpc::write_call(
                           "",
                           dice_.one_of({"notifications/elicitation/complete",
                                         "notifications/tasks/status", "notifications/vendor"}),
                           params));
        return expect({}, {});
    }
  }

  // ---- the end: everything is answered, and what was given up is given up at the server

  void end() {
    for (Call& one : calls_) {
      for (int i = 0; i < 100 && !one.answered; ++i) {
        if (!one.asked.empty()) {
          reply_to(one, false);
        } else {
          answer(one);
        }
      }
      REQUIRE(one.answered);
    }
    CHECK(replies.all_answered());
    Lines for_server;
    std::size_t given_up = 0;
    for (const Call& one : calls_) {
      if (!one.at_server) continue;
      ++given_up;
      for (const Question& question : one.later) {
        for_server.push_back(refusal_text(question.id, -32603));
      }
    }
    const std::size_t before = server.cancelled().size();
    pass(std::chrono::minutes(31));
    Lines sent = told();
    std::sort(sent.begin(), sent.end());
    for (std::string& line : for_server) line = write(fields_of(line));
    std::sort(for_server.begin(), for_server.end());
    REQUIRE_EQ(show(sent), show(for_server));
    CHECK_EQ(server.cancelled().size() - before, given_up);
    CHECK(heard.empty());
    CHECK(server.idle());
    CHECK(ascent_.idle());
    CHECK(descent_.idle());
  }

  Dice dice_;
  descent::Descent descent_;
  ascent::Ascent ascent_;

  bool forms_ = false, urls_ = false, sampling_ = false, roots_ = false;
  bool tools_change_ = false, prompts_change_ = false, resources_change_ = false;
  bool subscribes_ = false, logging_ = false, initialized_ = false;
  std::optional<std::size_t> level_;       // the host's
  std::optional<std::size_t> told_level_;  // the server's
  std::vector<std::string> uris_;
  std::vector<Call> calls_;
  std::vector<std::string> question_ids_;
  std::vector<std::string> settings_;
  std::size_t seen_ = 0;
  int marks_ = 0;
};

TEST_CASE("between two ends of the older era the newer one does not show") {
  constexpr std::uint64_t kRuns = 2000;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    LegacyScript(seed).run();
  }
}

}  // namespace
}  // namespace dogpipe::bridge
