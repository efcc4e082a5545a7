// A host and a server of the newer era, with the older one between them: what each sends arrives as
// it was, but for what rewrites.h names.
#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include "back_to_back.h"
#include "bridge/ascent/ascent.h"
#include "bridge/descent/descent.h"
#include "dice.h"
#include "rewrites.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

struct Question {
  std::string key;       // the server's, escaped
  std::string host_key;  // the bridge's, once it is asked
  std::string method;
  std::string params;
  std::string reply;  // a raw result of the host
};

struct Call {
  std::string mark;
  std::string id;  // of the host's latest request
  std::string method;
  std::string params;  // without its claim
  std::string token;   // raw, or empty: the server's
  std::string host_token;
  std::string capabilities;
  std::string far_id;  // at the server, or empty
  std::optional<std::size_t> level;
  std::vector<Question> round;      // what the server asks before it goes on
  std::vector<std::size_t> asked;   // of those: the host has them
  std::vector<std::size_t> later;   // it has not
  std::string server_state;         // raw, or empty
  std::string state;                // the bridge's: the host is to come back with it
  std::vector<std::string> agreed;  // params of URL elicitations
  int sends = 1;
  bool unmet = false;  // the server's last question was refused
  std::optional<int> progress;
  bool done = false;

  bool bound() const { return !done && state.empty(); }
};

struct Subscription {
  std::string id;
  std::set<std::string> kinds;  // "tools" and the like
  std::vector<std::string> uris;
};

class ModernScript : BackToBack {
 public:
  explicit ModernScript(std::uint64_t seed)
      : BackToBack(check_for_legacy_server, check_for_legacy_host, check_for_modern_host),
        dice_(seed),
        ascent_(loop, server, tunnel.replies(), mint_with("a"), "mcp.example", {}),
        descent_(loop, tunnel, replies, mint_with("d"), {}) {
    tunnel.connect(descent_.listener(), ascent_);
    server.attach(ascent_.listener());
    server.on_send = [](const Request& one) { check_for_modern_server(one.text->view()); };
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
    settle_all();
    REQUIRE_EQ(show(std::exchange(told_, {})), show(for_server));
    REQUIRE_EQ(show(std::exchange(heard, {})), show(for_host));
  }
  // The server grants all subscriptions but those to what it does not know.
  void settle_all() {
    for (;;) {
      settle();
      const std::size_t before = seen_;
      for (; seen_ < server.count(); ++seen_) take(server.request(static_cast<int>(seen_)));
      if (before == seen_) return;
    }
  }
  void take(const Request& request) {
    const std::string text(request.text->view());
    if (request.method == "subscriptions/listen") return grant(request.raw_id, text);
    Fields fields = fields_of(text);
    if (!request.raw_id.empty()) fields["id"] = "0";
    told_.push_back(write(fields));
  }
  void grant(const std::string& raw_id, const std::string& text) {
    const std::string filter = get(get(text, "params"), "notifications");
    Fields granted = fields_of(filter);
    std::string uris;
    rpc::for_each_element(get(filter, "resourceSubscriptions"), [&](std::string_view uri) {
      if (uri != R"("unknown")") uris.append(uris.empty() ? "" : ",").append(uri);
    });
    if (granted.contains("resourceSubscriptions"))
      granted["resourceSubscriptions"] = '[' + uris + ']';
    filter_ = write(granted);
    listen_id_ = raw_id;
    if (!server.is_open(raw_id)) return;
    server.say(raw_id, rpc::write_call("", "notifications/subscriptions/acknowledged",
                                       tagged(R"({"notifications":)" + filter_ + '}', raw_id)));
  }
  static std::string tagged(std::string_view raw_params, std::string_view raw_id) {
    Fields params = fields_of(raw_params);
    Fields meta = fields_of(get(params, "_meta"));
    meta[std::string(mcp::kSubscriptionId)] = raw_id;
    params["_meta"] = write(meta);
    return write(params);
  }

  // What a call becomes for the server: all bear the claim of the session, which is that of the
  // host's first request.
  std::string request_text(std::string_view method, std::string_view params,
                           std::string_view raw_id = "0") const {
    Fields fields = fields_of(rewrites::host_params(params));
    Fields meta = fields_of(get(fields, "_meta"));
    meta[std::string(mcp::kModernClaim)] = R"("2026-07-28")";
    meta[std::string(mcp::kClientCapabilities)] = rewrites::capabilities(capabilities_);
    meta[std::string(mcp::kClientInfo)] = info_;
    if (logging_ && told_level_) {
      meta[std::string(mcp::kLogLevel)] = rpc::quoted(kLevels[*told_level_]);
    }
    fields["_meta"] = write(meta);
    return rpc::write_call(raw_id, method, write(fields));
  }
  void relevel() {
    std::optional<std::size_t> most;
    for (const Call& call : calls_) {
      if (call.bound()) most = std::max(most, call.level);
    }
    if (most) told_level_ = most;
  }

  // ---- the host

  void host(std::string_view text) { host_says(text, replies, descent_); }

  std::string with_claim(std::string_view raw_params, std::string_view raw_capabilities,
                         std::optional<std::size_t> level) {
    Fields params = fields_of(raw_params);
    Fields meta = fields_of(get(params, "_meta"));
    meta[std::string(mcp::kModernClaim)] = R"("2026-07-28")";
    meta[std::string(mcp::kClientCapabilities)] = raw_capabilities;
    meta[std::string(mcp::kClientInfo)] = info_;
    if (level) meta[std::string(mcp::kLogLevel)] = rpc::quoted(kLevels[*level]);
    params["_meta"] = write(meta);
    return write(params);
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
    if (roots_) members.push_back(R"("roots":{})");
    if (dice_.one_in(3)) {
      members.push_back(
          R"("extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{ }})");
    }
    return dice_.join(std::move(members));
  }

  void open() {
    capabilities_ = host_capabilities();
    info_ = R"({"name":"h","version":"1","t":)" + dice_.value() + '}';
    const std::string id = dice_.raw_id();
    host(rpc::write_call(id, "server/discover", with_claim("{}", capabilities_, {})));
    settle();
    REQUIRE_EQ(server.count(), 1);
    seen_ = 1;
    REQUIRE_EQ(normal(request_text("server/discover", "{}", server.id(0))), normal(server.text(0)));
    answer_discover(id);
  }
  void answer_discover(const std::string& id) {
    Fields result = fields_of(dice_.join(dice_.members(2)));
    Lines members = dice_.members(2);
    for (const char* kind : {"tools", "prompts", "resources"}) {
      const bool changes = dice_.one_in(2);
      if (changes) offered_.insert(kind);
      if (std::string_view(kind) == "resources") subscribes_ = dice_.below(4) > 0;
      members.push_back(
          fmt::format(R"("{}":{{"listChanged":{},"subscribe":{}}})", kind, changes, subscribes_));
    }
    logging_ = dice_.below(4) > 0;
    if (logging_) members.push_back(R"("logging":{})");
    if (dice_.one_in(3)) members.push_back(R"("extensions":{"io.modelcontextprotocol/tasks":{}})");
    const std::string capabilities = dice_.join(std::move(members));
    result["capabilities"] = capabilities;
    result["supportedVersions"] = R"(["2026-07-28"])";
    if (dice_.one_in(2)) result["instructions"] = dice_.raw_text();
    Fields meta = fields_of(dice_.object(1));
    server_info_ = R"({"name":"mcp.example","version":"unknown"})";
    if (dice_.one_in(2)) {
      server_info_ = R"({"name":"s","version":"2","u":)" + dice_.value() + '}';
      meta[std::string(mcp::kServerInfo)] = server_info_;
    }
    result["_meta"] = write(meta);
    result["ttlMs"] = "5";
    server.answer(server.id(0), write(result));
    result["capabilities"] = rewrites::capabilities(capabilities);
    Fields told = fields_of(rewrites::modern_result("x/list", write(result), server_info_));
    settle_all();
    REQUIRE_EQ(heard.size(), 1);
    Fields got = fields_of(get(heard[0], "result"));
    got["capabilities"] = in_order(got["capabilities"]);
    heard[0] = rpc::write_result(get(heard[0], "id"), write(got));
    expect({}, {rpc::write_result(id, write(told))});
    check_subscriptions();
  }

  // ---- steps

  void step() {
    const std::size_t choice = dice_.below(100);
    auto below = [choice, limit = std::size_t{0}](std::size_t more) mutable {
      return choice < (limit += more);
    };
    if (below(20)) return call();
    if (below(5)) return with_call([this](Call& one) { answer(one); });
    if (below(4)) return with_call([this](Call& one) { refuse(one); });
    if (below(2)) return with_call([this](Call& one) { fail(one); });
    if (below(12)) return with_call([this](Call& one) { progress(one); });
    if (below(8)) return with_call([this](Call& one) { log_line(one); });
    if (below(14)) return with_call([this](Call& one) { require_input(one); });
    if (below(14)) return come_back();
    if (below(3)) return cancel();
    if (below(4)) return listen();
    if (below(7)) return announce();
    if (below(2)) return unlisten();
    odds();
  }
  template <class Function>
  void with_call(Function&& function) {
    std::vector<Call*> some;
    for (Call& one : calls_) {
      if (!one.done && !one.far_id.empty()) some.push_back(&one);
    }
    if (!some.empty()) function(*dice_.pick(some));
  }
  std::string fresh_id() {
    for (;;) {
      std::string id = dice_.raw_id();
      if (replies.awaited_from(id) == nullptr) return id;
    }
  }
  std::optional<std::size_t> any_level() {
    return dice_.one_in(2) ? std::nullopt : std::optional(dice_.below(8));
  }

  void call() {
    Call one;
    one.id = fresh_id();
    one.mark = "m" + std::to_string(++marks_);
    one.method = dice_.pick(kMethods);
    one.capabilities = dice_.one_in(6) ? "{}" : capabilities_;
    one.level = any_level();
    Lines members = dice_.members(3);
    members.push_back(R"("mark":")" + one.mark + '"');
    if (dice_.below(4) > 0) members.push_back(R"("name":)" + dice_.raw_text());
    if (dice_.below(4) > 0) members.push_back(R"("arguments":)" + dice_.object(4));
    if (dice_.one_in(4)) members.push_back(R"("uri":)" + dice_.raw_text());
    Lines meta = dice_.members(2);
    if (dice_.below(3) > 0) {
      one.token = one.host_token = dice_.raw_id();
      meta.push_back(R"("progressToken":)" + one.token);
    }
    if (dice_.one_in(2))
      meta.push_back(R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7")");
    members.push_back(R"("_meta":)" + dice_.join(std::move(meta)));
    one.params = dice_.join(std::move(members));
    // The answers to a demand that was no question come with the request, for nobody.
    Fields sent = fields_of(with_claim(one.params, one.capabilities, one.level));
    if (dice_.one_in(6)) sent["inputResponses"] = R"({"k":{"action":"accept"}})";
    calls_.push_back(one);
    host(rpc::write_call(one.id, one.method, write(sent)));
    relevel();
    expect({request_text(one.method, one.params)}, {});
    calls_.back().far_id = server.id(-1);
  }

  std::string in_lines(std::string text) {
    if (dice_.one_in(4)) text.insert(1, "\n ");
    return text;
  }
  void finish(Call& one, const Lines& for_host) {
    one.done = true;
    one.far_id.clear();
    one.state.clear();
    relevel();
    expect({}, for_host);
  }

  void answer(Call& one) {
    Lines members = dice_.members(3);
    if (dice_.one_in(3)) members.push_back(R"("_meta":)" + dice_.object(2));
    if (dice_.one_in(4)) members.push_back(R"("ttlMs":5,"cacheScope":"public")");
    const bool unknown = dice_.one_in(12);  // say, tasks
    if (dice_.below(4) > 0 || unknown) {
      members.push_back(unknown ? R"("resultType":"task")" : R"("resultType":"complete")");
    }
    if (one.method == "tools/call") {
      members.push_back(R"("content":[{"type":"text","text":"x" }, )" + dice_.value() + "]");
      if (dice_.one_in(2)) members.push_back(R"("structuredContent":)" + dice_.value());
    }
    if (one.method == "tools/list") {
      members.push_back(R"("tools":[{"name":"a" ,"v":)" + dice_.value() +
                        R"(},{"name":"c","outputSchema":{"type":"array"},"z": 1}])");
    }
    const std::string text =
        in_lines(rpc::write_result(one.far_id, dice_.join(std::move(members))));
    const std::string result = get(on_one_line(text), "result");
    server.answer_text(one.far_id, text);
    if (unknown) return finish(one, {ours(one.id, -32603)});
    finish(one,
           {rpc::write_result(one.id, rewrites::modern_result(one.method, result, server_info_))});
  }

  void refuse(Call& one) {
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
    // It fails for what it asked in vain.
    if (one.unmet && code == "-32601") return finish(one, {ours(one.id, -32021)});
    finish(one, {rewrites::error(one.id, one.method, raw_error, false)});
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
    const auto text = [&, more = dice_.value()](const std::string& token) {
      return rpc::write_call(
          "", "notifications/progress",
          fmt::format(R"({{"progressToken":{},"progress":{},"mark":"{}","more":{}}})", token, value,
                      one.mark, more));
    };
    server.say(one.far_id, text(one.token.empty() ? R"("none")" : one.token));
    // A request that goes in several rounds has one progress, which grows.
    const bool old = one.sends > 1 && one.progress && value <= *one.progress;
    if (!old) one.progress = value;
    if (one.token.empty() || one.host_token.empty() || old) return expect({}, {});
    expect({}, {text(one.host_token)});
  }

  void log_line(Call& one) {
    const std::size_t level = dice_.below(8);
    const std::string text = in_lines(rpc::write_call(
        "", "notifications/message",
        dice_.join({fmt::format(R"("level":"{}")", kLevels[level]), R"("data":)" + dice_.value(),
                    R"("mark":")" + one.mark + '"'})));
    const bool on_its_own = dice_.one_in(4);  // nobody hears what is said on no request
    server.say(on_its_own ? "" : one.far_id, text);
    const bool wanted = !on_its_own && one.level && level <= *one.level;
    expect({}, wanted ? Lines{on_one_line(text)} : Lines{});
  }

  // ---- questions

  bool declared(const Question& question) const {
    if (question.method == "roots/list") return roots_;
    if (question.method == "sampling/createMessage") return sampling_;
    return get(question.params, "mode") == R"("url")" ? urls_ : forms_;
  }

  Question make_question(const Call& one, std::size_t number) {
    Question question;
    question.key =
        std::string(dice_.one_of({"k", "a\\/b", "\\u00e9", ""})) + std::to_string(number);
    Lines members = dice_.members(2);
    members.push_back(R"("mark":")" + one.mark + '"');
    question.method = dice_.one_of(
        {"sampling/createMessage", "roots/list", "elicitation/create", "elicitation/create"});
    if (question.method == "elicitation/create") {
      const std::string url = std::to_string(++marks_);
      if (dice_.one_in(2))
        members.push_back(R"("mode":"url","url":"https://)" + url + '"');
      else if (dice_.one_in(2))
        members.push_back(R"("mode":"form")");
    }
    question.params = dice_.join(std::move(members));
    return question;
  }

  void require_input(Call& one) {
    if (!may_be_asked(one.method) || one.sends > 7) return;
    one.round.clear();
    one.server_state = dice_.one_in(3) ? std::string() : dice_.raw_text();
    if (!one.agreed.empty() && dice_.one_in(2)) {
      one.round.push_back({"p", "", "elicitation/create", dice_.pick(one.agreed), ""});
    } else {
      for (std::size_t n = dice_.below(4); n > 0; --n) {
        Question question = make_question(one, n);
        for (int i = 0; i < 4 && !declared(question); ++i) question = make_question(one, n);
        one.round.push_back(std::move(question));
      }
    }
    if (one.round.empty() && passes_ > 10) return;
    say_input_required(one);
    one.far_id.clear();
    if (one.round.empty() && one.server_state.empty()) return finish(one, {ours(one.id, -32603)});
    for (const Question& question : one.round) {
      if (!declared(question)) return finish(one, {ours(one.id, -32603)});
    }
    if (one.round.empty() || !one.agreed.empty()) {
      if (one.round.empty() || one.round[0].key == "p") return wait_and_send(one);
    }
    if (one.capabilities == "{}") return ask_in_vain(one);
    one.unmet = false;
    one.asked = {0};
    for (std::size_t i = 1; i < one.round.size(); ++i) one.later.push_back(i);
    show_questions(one, {});
  }
  void say_input_required(Call& one) {
    std::string requests;
    for (const Question& question : one.round) {
      requests +=
          fmt::format(R"({}"{}":{{"method":"{}","params":{}}})", requests.empty() ? "" : ",",
                      question.key, question.method, question.params);
    }
    Lines members = dice_.members(1);
    members.push_back(R"("resultType":"input_required")");
    if (!requests.empty()) members.push_back(R"("inputRequests":{)" + requests + '}');
    if (!one.server_state.empty()) members.push_back(R"("requestState":)" + one.server_state);
    server.answer(one.far_id, dice_.join(std::move(members)));
  }
  // The server only wants to be asked again, or once more what the user has agreed to.
  void wait_and_send(Call& one) {
    expect({}, {});
    for (Question& question : one.round) question.reply = R"({"action":"accept"})";
    ++passes_;
    pass(11s);
    sent_again(one, {});
  }
  // This request of the host has declared less than its first.
  void ask_in_vain(Call& one) {
    one.unmet = true;
    for (Question& question : one.round) {
      if (question.method != "elicitation/create") return finish(one, {ours(one.id, -32603)});
      question.reply = R"({"action":"cancel"})";
    }
    sent_again(one, {});
  }

  // The request of the host has its answer, which is no last word.
  void show_questions(Call& one, const Lines& for_server) {
    settle_all();
    REQUIRE_EQ(heard.size(), 1);
    const std::string result = get(heard[0], "result");
    Fields requests = fields_of(get(result, "inputRequests"));
    one.state = get(result, "requestState");
    std::string expected;
    REQUIRE_EQ(requests.size(), one.asked.size());
    for (const std::size_t at : one.asked) {
      Question& question = one.round[at];
      if (question.host_key.empty())
        question.host_key = "input-" + std::to_string(++keys_[one.mark]);
      const std::string params = rewrites::question_params(question.params);
      Fields request{{"method", rpc::quoted(question.method)}};
      if (!params.empty()) request["params"] = params;
      Fields got = fields_of(requests[question.host_key]);
      if (got.contains("params")) got["params"] = in_order(got["params"]);
      REQUIRE_EQ(write(got), write(request));
    }
    REQUIRE(one.state.starts_with('"'));
    heard[0] = rpc::write_result(get(heard[0], "id"), get(result, "resultType"));
    relevel();
    expect(for_server, {rpc::write_result(one.id, R"("input_required")")});
  }

  void come_back() {
    std::vector<Call*> some;
    for (Call& one : calls_) {
      if (!one.state.empty()) some.push_back(&one);
    }
    if (!some.empty()) come_back_to(*dice_.pick(some), true);
  }
  void come_back_to(Call& one, bool maybe_in_part) {
    one.id = fresh_id();
    one.level = any_level();
    Fields params = fields_of(one.params);
    if (dice_.one_in(3)) new_token(one, params);
    std::vector<std::size_t> open;
    std::string responses = R"("other":{})";
    for (const std::size_t at : one.asked) {
      Question& question = one.round[at];
      if (maybe_in_part && dice_.one_in(4)) {
        open.push_back(at);
        continue;
      }
      question.reply = reply_to(one, question);
      responses += ",\"" + question.host_key + "\":" + question.reply;
    }
    params["inputResponses"] = '{' + responses + '}';
    params["requestState"] = std::exchange(one.state, {});
    host(rpc::write_call(one.id, one.method,
                         with_claim(write(params), one.capabilities, one.level)));
    relevel();
    one.asked = std::move(open);
    one.asked.insert(one.asked.end(), one.later.begin(), one.later.end());
    one.later.clear();
    if (!one.asked.empty()) return show_questions(one, {});
    sent_again(one, {});
  }
  void new_token(Call& one, Fields& params) {
    Fields meta = fields_of(params["_meta"]);
    one.host_token = dice_.one_in(3) ? std::string() : dice_.raw_id();
    meta.erase("progressToken");
    if (!one.host_token.empty()) meta["progressToken"] = one.host_token;
    params["_meta"] = write(meta);
    one.params = write(params);
  }
  std::string reply_to(Call& one, const Question& question) {
    Lines members = dice_.members(2);
    if (question.method == "elicitation/create") {
      const std::string action(dice_.one_of({"accept", "decline", "cancel"}));
      members.push_back(R"("action":")" + action + '"');
      const bool url = get(question.params, "mode") == R"("url")";
      if (url && action == "accept") one.agreed.push_back(question.params);
    }
    return dice_.join(std::move(members));
  }

  // The call as it was first, with all answers under the server's keys.
  void sent_again(Call& one, const Lines& for_host) {
    ++one.sends;
    Fields params = fields_of(rewrites::host_params(first_params(one)));
    std::string responses;
    for (const Question& question : one.round) {
      responses += (responses.empty() ? "\"" : ",\"") + question.key + "\":" + question.reply;
    }
    if (!responses.empty()) params["inputResponses"] = '{' + responses + '}';
    if (!one.server_state.empty()) params["requestState"] = one.server_state;
    expect({request_text(one.method, write(params))}, for_host);
    one.far_id = server.id(-1);
    one.round.clear();
  }
  // A retry's progress token is the bridge's affair.
  static std::string first_params(const Call& one) {
    Fields params = fields_of(one.params);
    Fields meta = fields_of(params["_meta"]);
    meta.erase("progressToken");
    if (!one.token.empty()) meta["progressToken"] = one.token;
    params["_meta"] = write(meta);
    params.erase("inputResponses");
    params.erase("requestState");
    return write(params);
  }

  void cancel() {
    std::vector<Call*> some;
    for (Call& one : calls_) {
      if (one.bound() && !one.far_id.empty()) some.push_back(&one);
    }
    if (some.empty()) return;
    Call& one = *dice_.pick(some);
    host(rpc::write_call("", "notifications/cancelled", R"({"requestId":)" + one.id + '}'));
    const std::string far_id = one.far_id;
    finish(one, {});
    REQUIRE_FALSE(server.cancelled().empty());
    CHECK_EQ(server.cancelled().back(), far_id);
    CHECK_EQ(server.cancel_texts().back(), "");
  }

  // ---- subscriptions

  static std::string kind_of(std::string_view kind) { return std::string(kind) + "ListChanged"; }

  void listen() {
    Subscription one;
    one.id = fresh_id();
    Fields filter;
    Fields granted;
    for (const char* kind : {"tools", "prompts", "resources"}) {
      if (dice_.one_in(2)) continue;
      filter[kind_of(kind)] = "true";
      if (!offered_.contains(kind)) continue;
      granted[kind_of(kind)] = "true";
      one.kinds.insert(kind);
    }
    std::string uris;
    std::string granted_uris;
    const std::size_t first = dice_.below(3);
    for (std::size_t n = dice_.below(3); n > 0; --n) {
      const std::string uri =
          dice_.one_in(6) && first == 0 ? "unknown" : "u" + std::to_string(first + n);
      if (uris.find(uri) != std::string::npos) continue;
      uris += (uris.empty() ? "\"" : ",\"") + uri + '"';
      if (uri == "unknown" || !subscribes_) continue;
      granted_uris += (granted_uris.empty() ? "\"" : ",\"") + uri + '"';
      one.uris.push_back(uri);
    }
    if (!uris.empty()) filter["resourceSubscriptions"] = '[' + uris + ']';
    if (!granted_uris.empty()) granted["resourceSubscriptions"] = '[' + granted_uris + ']';
    host(rpc::write_call(
        one.id, "subscriptions/listen",
        with_claim(R"({"notifications":)" + write(filter) + '}', capabilities_, {})));
    settle_all();
    REQUIRE_EQ(heard.size(), 1);
    Fields params = fields_of(get(heard[0], "params"));
    params["notifications"] = in_order(params["notifications"]);
    heard[0] = rpc::write_call("", method_of(heard[0]), write(params));
    expect({}, {rpc::write_call("", "notifications/subscriptions/acknowledged",
                                tagged(R"({"notifications":)" + write(granted) + '}', one.id))});
    subscriptions_.push_back(one);
    check_subscriptions();
  }
  void unlisten() {
    if (subscriptions_.empty()) return;
    const std::size_t at = dice_.below(subscriptions_.size());
    const std::string id = subscriptions_[at].id;
    subscriptions_.erase(subscriptions_.begin() + static_cast<std::ptrdiff_t>(at));
    host(rpc::write_call("", "notifications/cancelled", R"({"requestId":)" + id + '}'));
    expect({}, {});
    check_subscriptions();
  }
  std::set<std::string> wanted_uris() const {
    std::set<std::string> uris;
    for (const Subscription& one : subscriptions_) uris.insert(one.uris.begin(), one.uris.end());
    return uris;
  }
  // At the server there is one for all that is wanted, or none.
  void check_subscriptions() {
    Fields filter;
    for (const std::string& kind : offered_) filter[kind_of(kind)] = "true";
    std::string uris;
    for (const std::string& uri : wanted_uris()) uris += (uris.empty() ? "\"" : ",\"") + uri + '"';
    if (!uris.empty()) filter["resourceSubscriptions"] = '[' + uris + ']';
    std::size_t open = 0;
    for (std::size_t i = 0; i < server.count(); ++i) {
      const Request& request = server.request(static_cast<int>(i));
      if (request.method == "subscriptions/listen" && server.is_open(request.raw_id)) ++open;
    }
    REQUIRE_EQ(open, filter.empty() ? 0 : 1);
    if (!filter.empty() && filter_.find("[]") == std::string::npos) {
      REQUIRE_EQ(filter_, write(filter));
      REQUIRE(server.is_open(listen_id_));
    }
  }

  Lines tell(std::string_view method, std::string_view params, std::string_view kind,
             std::string_view uri) const {
    Lines lines;
    for (const Subscription& one : subscriptions_) {
      const bool wanted = kind.empty()
                              ? std::find(one.uris.begin(), one.uris.end(), uri) != one.uris.end()
                              : one.kinds.contains(std::string(kind));
      if (wanted) lines.push_back(rpc::write_call("", method, tagged(params, one.id)));
    }
    return lines;
  }
  void announce() {
    if (!server.is_open(listen_id_)) return;
    if (dice_.one_in(4) && passes_ < 10) return end_listen();
    const std::string kind(dice_.one_of({"tools", "prompts", "resources", ""}));
    const std::string uri = "u" + std::to_string(1 + dice_.below(4));
    const std::string part(dice_.one_of({"", "/part"}));
    const std::string method = kind.empty() ? "notifications/resources/updated"
                                            : fmt::format("notifications/{}/list_changed", kind);
    Lines members;
    if (kind.empty()) members.push_back(R"("uri":")" + uri + part + '"');
    if (dice_.one_in(2)) members.push_back(R"("x":)" + dice_.value());
    if (dice_.one_in(2)) members.push_back(R"("_meta":{"v/w":1e400})");
    const std::string params = dice_.join(std::move(members));
    server.say(listen_id_, rpc::write_call("", method, tagged(params, listen_id_)));
    // A server that was not asked for a kind does not announce it; if it does, hosts are told what
    // they want of it.
    expect({}, tell(method, params, kind, uri));
  }
  // What is missed until the next one is announced blindly.
  void end_listen() {
    const std::string id = std::exchange(listen_id_, {});
    server.answer(id, R"({"resultType":"complete","_meta":)" + tagged("{}", id) + '}');
    expect({}, {});
    ++passes_;
    pass(61s);
    Lines lines;
    const auto add = [&lines](const Lines& more) {
      lines.insert(lines.end(), more.begin(), more.end());
    };
    for (const char* kind : {"tools", "prompts", "resources"}) {
      if (offered_.contains(kind)) {
        add(tell(fmt::format("notifications/{}/list_changed", kind), "{}", kind, ""));
      }
    }
    for (const std::string& uri : wanted_uris()) {
      add(tell("notifications/resources/updated", R"({"uri":")" + uri + R"("})", "", uri));
    }
    expect({}, lines);
    check_subscriptions();
  }

  // ---- what else there is

  void odds() {
    const std::string params = with_claim(dice_.object(3), capabilities_, {});
    const std::string id = fresh_id();
    const auto refused = [&](int code) { return expect({}, {ours(id, code)}); };
    switch (dice_.below(8)) {
      case 0:
        host(rpc::write_call(
            "",
            dice_.one_of({"notifications/progress", "notifications/roots/list_changed",
                          "notifications/initialized"}),
            params));
        return expect({}, {});
      case 1:
        host(rpc::write_call("", "notifications/vendor", params));
        return expect({request_text("notifications/vendor", params, "")}, {});
      case 2:
        host(rpc::write_result(id, "{}"));
        return expect({}, {});
      case 3:
        host(rpc::write_call(id,
                             dice_.one_of({"tasks/get", "initialize", "ping", "resources/subscribe",
                                           "logging/setLevel"}),
                             params));
        return refused(-32601);
      case 4:
        host(rpc::write_call(id, "tools/list", dice_.object(2)));
        return refused(-32602);
      case 5: {
        Fields fields = fields_of(params);
        fields["requestState"] = dice_.one_of({R"("a1")", R"("")", "1", "{}"});
        host(rpc::write_call(id, "tools/call", write(fields)));
        return refused(-32602);
      }
      case 6:
        server.say("", rpc::write_call(dice_.one_in(2) ? id : "", "ping", params));
        return expect({}, {});
      default:
        return with_call([this](Call& one) {  // has no place there
          server.say(one.far_id, rpc::write_call(dice_.one_in(2) ? "1" : "",
                                                 dice_.one_of({"notifications/tools/list_changed",
                                                               "notifications/resources/updated",
                                                               "notifications/cancelled",
                                                               "notifications/tasks"}),
                                                 R"({"uri":"u1"})"));
          expect({}, {});
        });
    }
  }

  // Everything is answered, but for those that the host does not come back to.
  void end() {
    std::size_t forgotten = 0;
    for (Call& one : calls_) {
      if (!one.state.empty() && dice_.one_in(4)) {
        ++forgotten;
        one.state.clear();
        one.done = true;
      }
      for (int i = 0; i < 100 && !one.done; ++i) {
        if (!one.state.empty()) {
          come_back_to(one, false);
        } else {
          answer(one);
        }
      }
      REQUIRE(one.done);
    }
    while (!subscriptions_.empty()) unlisten();
    CHECK(replies.all_answered());
    static_cast<void>(forgotten);
    pass(31min);
    CHECK(heard.empty());
    CHECK(server.idle());
    CHECK(ascent_.idle());
    CHECK(descent_.idle());
  }

  Dice dice_;
  ascent::Ascent ascent_;
  descent::Descent descent_;

  std::string capabilities_;
  std::string info_;
  std::string server_info_;
  bool forms_ = false, urls_ = false, sampling_ = false, roots_ = false;
  std::set<std::string> offered_;
  bool subscribes_ = false, logging_ = false;
  std::optional<std::size_t> told_level_;
  std::vector<Call> calls_;
  std::vector<Subscription> subscriptions_;
  std::map<std::string, int> keys_;  // how many each call has had
  std::string listen_id_;
  std::string filter_;
  Lines told_;
  std::size_t seen_ = 0;
  int marks_ = 0;
  int passes_ = 0;
};

TEST_CASE("between two ends of the newer era the older one does not show") {
  constexpr std::uint64_t kRuns = 2000;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    ModernScript(seed).run();
  }
}

}  // namespace
}  // namespace dogpipe::bridge
