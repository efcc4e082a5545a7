// Bytes as the script of a host, a server and the time that passes, of whatever eras, with the
// whole of the router between them. Each request of the host has one answer or is cancelled,
// nothing is written that is no message, and no call goes to a server twice that may have carried
// it out.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "../bridge/back_to_back.h"
#include "../bridge/fake_authorizer.h"
#include "base/log.h"
#include "bridge/era_store.h"
#include "bridge/router.h"
#include "fakes/fake_client.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_output.h"
#include "rpc/id.h"
#include "rpc/lines.h"

namespace dogpipe::bridge {
namespace {

using namespace std::chrono_literals;

void require(bool condition, std::string_view what, std::string_view text = {}) {
  if (condition) return;
  fmt::print(stderr, "{}: {}\n", what, text);
  std::abort();
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// With a script given by name, to read what happens.
void trace([[maybe_unused]] std::string_view what, [[maybe_unused]] std::string_view text) {
#ifdef DOGPIPE_TRACE
  fmt::print(stderr, "{} {}\n", what, text);
#endif
}

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::size_t next(std::size_t end) {
    if (left_ == 0) return 0;
    --left_;
    return *data_++ % end;
  }
  template <class List>
  auto& pick(List& list) {
    return list[next(std::size(list))];
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

class OneRecord final : public EraStore {
 public:
  std::optional<EraRecord> load() override { return record; }
  void save(const EraRecord& changed) override { record = changed; }
  std::optional<EraRecord> record;
};

constexpr std::string_view kIds[] = {"0",      "1",   "-1",        R"("")",
                                     R"("1")", "1.0", R"("a\/b")", "9007199254740993"};

// $I: an id; $C: a claim; $N: the number of a call, never the same twice; $S: a state.
constexpr std::string_view kHostLines[] = {
    R"({"id":$I,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":)"
    R"({"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{"listChanged":true}},)"
    R"("clientInfo":{"name":"h","version":"1"}}})",
    R"({"id":$I,"method":"initialize","params":{"protocolVersion":"2025-03-26"}})",
    R"({"method":"notifications/initialized"})",
    R"({"id":$I,"method":"tools/call","params":{"name":"t","n":"$N","_meta":{"progressToken":7}}})",
    R"({"id":$I,"method":"tools/list"})",
    R"({"id":$I,"method":"resources/read","params":{"uri":"u","task":{}}})",
    R"({"id":$I,"method":"logging/setLevel","params":{"level":"debug"}})",
    R"({"id":$I,"method":"resources/subscribe","params":{"uri":"u"}})",
    R"({"id":$I,"method":"resources/unsubscribe","params":{"uri":"u"}})",
    R"({"id":$I,"method":"ping"})",
    R"({"id":$I,"method":"tasks/get","params":[1]})",
    R"({"id":$I,"method":"server/discover","params":{"_meta":{$C}}})",
    R"({"id":$I,"method":"tools/call","params":{"name":"t","n":"$N","_meta":{$C,)"
    R"("progressToken":"p"}}})",
    R"({"id":$I,"method":"tools/call","params":{"name":"t","n":"$N","requestState":$S,)"
    R"("inputResponses":{"input-1":{"action":"accept"},"input-2":{"roots":[]}},"_meta":{$C}}})",
    R"({"id":$I,"method":"prompts/get","params":{"name":"t","_meta":{$C,)"
    R"("io.modelcontextprotocol/logLevel":"info"}}})",
    R"({"id":$I,"method":"tools/list","params":{"_meta":{$C}}})",
    R"({"id":$I,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":)"
    R"(true,"resourceSubscriptions":["u","v"]},"_meta":{$C}}})",
    R"({"id":$I,"method":"tools/list","params":{"_meta":{)"
    R"("io.modelcontextprotocol/protocolVersion":"2099-01-01"}}})",
    R"({"method":"notifications/roots/list_changed"})",
    R"({"method":"notifications/x","params":{"_meta":{$C}}})",
    R"({"id":$I,"method":"x\/y","params":{}})",
    R"([{"jsonrpc":"2.0","id":"b1","method":"tools/list"},)"
    R"({"jsonrpc":"2.0","id":"b2","method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"}])",
    R"({"id":$I})",
    "{",
};
constexpr std::string_view kClaim =
    R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{},"url":{}},)"
    R"("roots":{}})";

// $I: the id of the request; $Q: one of the server's own.
constexpr std::string_view kAnswers[] = {
    R"({"id":$I,"result":{"content":[]}})",
    R"({"id":$I,"result":{"resultType":"complete","tools":[{"name":"t"}],"ttlMs":1}})",
    R"({"id":$I,"result":{"protocolVersion":"2025-11-25","capabilities":{"logging":{},"tools":)"
    R"({"listChanged":true},"resources":{"subscribe":true}},"serverInfo":{"name":"s","version":"1"}}})",
    R"({"id":$I,"result":{"protocolVersion":"2025-03-26","capabilities":{}}})",
    R"({"id":$I,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],)"
    R"("capabilities":{"logging":{},"tools":{"listChanged":true},"resources":{"subscribe":true}}}})",
    R"({"id":$I,"result":{"supportedVersions":["2025-11-25"],"capabilities":{}}})",
    R"({"id":$I,"result":{"resultType":"input_required","inputRequests":{"k":{"method":)"
    R"("elicitation/create","params":{"mode":"url","url":"https://u"}},"l":{"method":"roots/list"}},)"
    R"("requestState":"s"}})",
    R"({"id":$I,"result":{"resultType":"input_required","requestState":"s"}})",
    R"({"id":$I,"result":{"resultType":"input_required","inputRequests":{"k":{"method":)"
    R"("elicitation/create"}}}})",
    R"({"id":$I,"result":{"resultType":"task"}})",
    R"({"id":$I,"result":7})",
    R"({"id":$I,"error":{"code":-32601,"message":"m"}})",
    R"({"id":$I,"error":{"code":-32602,"message":"m","data":{"uri":"u"}}})",
    R"({"id":$I,"error":{"code":-32020,"message":"m"}})",
    R"({"id":$I,"error":{"code":-32021,"message":"m","data":{"requiredCapabilities":{}}}})",
    R"({"id":$I,"error":{"code":-32022,"message":"m","data":{"supported":["2026-07-28"]}}})",
    R"({"id":$I,"error":{"code":-32022,"message":"m","data":{"supported":["2025-11-25"]}}})",
    R"({"id":$I,"error":{"code":-32002,"message":"m"}})",
    R"({"id":$I,"error":{"code":-32042,"message":"m","data":{"elicitations":[{"url":"https://u"}]}}})",
    R"({"error":{"code":-32000,"message":"m"}})",
    R"({"id":"other","result":{}})",
};
constexpr std::string_view kSayings[] = {
    R"({"method":"notifications/progress","params":{"progressToken":7,"progress":1}})",
    R"({"method":"notifications/progress","params":{"progressToken":"p","progress":1}})",
    R"({"method":"notifications/message","params":{"level":"info","data":1}})",
    R"({"method":"notifications/tools/list_changed"})",
    R"({"method":"notifications/resources/updated","params":{"uri":"u"}})",
    R"({"method":"notifications/subscriptions/acknowledged","params":{"notifications":)"
    R"({"toolsListChanged":true,"resourceSubscriptions":["u"]}}})",
    R"({"method":"notifications/subscriptions/acknowledged","params":{"notifications":{}}})",
    R"({"method":"notifications/cancelled","params":{"requestId":$Q}})",
    R"({"method":"notifications/cancelled","params":{"requestId":$I}})",
    R"({"id":$Q,"method":"elicitation/create","params":{"message":"m"}})",
    R"({"id":$Q,"method":"elicitation/create","params":{"mode":"url","url":"u","elicitationId":"e"}})",
    R"({"id":$Q,"method":"roots/list"})",
    R"({"id":$Q,"method":"sampling/createMessage","params":{}})",
    R"({"id":$Q,"method":"ping"})",
    R"({"method":"x"})",
    "nonsense",
};
constexpr int kStatuses[] = {200, 202, 400, 401, 403, 404, 405, 421, 429, 500, 503};

class Script {
 public:
  explicit Script(Bytes bytes)
      : bytes_(bytes),
        output_([this](std::string_view line) { hear(line); }),
        trust_hints_(bytes_.next(2) == 1),
        router_({loop_, client_, authorizer_, budget_, endpoint(), trust_hints_}, output_,
                settings(), {[] {}, [] {}}),
        lines_(1 << 20) {
    client_.on_send = [this](fakes::FakeRequest& request) { note(request); };
  }

  void run() {
    for (int i = 0; i < 200 && !bytes_.empty(); ++i) step();
    end();
  }

 private:
  static Endpoint endpoint() {
    Endpoint endpoint;
    endpoint.url = "https://mcp.example/v1/mcp";
    endpoint.longest_message = 1 << 20;
    return endpoint;
  }
  // One in two scripts is about one pair of eras.
  Pairing::Settings settings() {
    constexpr ServerEra kEras[] = {ServerEra::unknown, ServerEra::legacy, ServerEra::modern,
                                   ServerEra::modern_only};
    const std::size_t choice = bytes_.next(8);
    ascends_ = choice == 4;
    descends_ = choice == 5;
    EraPolicy policy;
    policy.override_era = ascends_    ? Override::modern
                          : descends_ ? Override::legacy
                                      : Override::automatic;
    policy.synthesize_discover = descends_ || choice == 6;
    policy.expect_legacy = choice == 7;
    if (choice > 0 && choice < 4) store_.record = EraRecord{kEras[choice], {}, 0, {}};
    return {policy, &store_, [n = 0]() mutable { return fmt::format(R"("dogpipe:{}")", ++n); },
            "mcp.example"};
  }

  // ---- what comes out

  void note(fakes::FakeRequest& request) {
    const std::string body(request.body());
    trace("server <-", body);
    if (!body.empty()) envelope_of(body);
    // A server that proves to be of the other era is spoken to in that.
    if (method_of(body) == "initialize") ascends_ = false;
    if (method_of(body) != "tools/call") return;
    const std::string serial = get(get(body, "params"), "n");
    require(!sent_.contains(serial) || excused_.contains(serial), "a call went twice", body);
    sent_.insert(serial);
    excused_.erase(serial);
  }

  void hear(std::string_view line) {
    trace("host <-", line);
    const rpc::Scanned scanned = rpc::scan(line);
    require(scanned.has_value() && !scanned->multi_line, "no message on one line", line);
    if (scanned->shape != rpc::Shape::batch) return hear_one(line, *scanned);
    rpc::for_each_element(line, [this](std::string_view one) { hear_one(one, envelope_of(one)); });
  }
  void hear_one(std::string_view text, const rpc::Envelope& envelope) {
    if (ascends_) check_for_legacy_host(text);
    if (descends_) check_for_modern_host(text);
    const std::string id = get(text, "id");
    switch (envelope.shape) {
      case rpc::Shape::request:
        require(has_initialized_, "a request for a modern host", text);
        questions_.insert(id);
        return;
      case rpc::Shape::response:
      case rpc::Shape::error:
        if (id.empty()) return;  // about what had no id
        require(open_.erase(id) + over_.erase(id) > 0, "an answer to nothing", text);
        note_state(get(get(text, "result"), "requestState"));
        return;
      default:
        return note_end(text);
    }
  }
  void note_state(const std::string& state) {
    if (!state.empty()) state_ = state;
  }
  // A subscription of the newer era may end so, instead of by an answer or before it.
  void note_end(std::string_view text) {
    if (method_of(text) != "notifications/cancelled") return;
    const std::string id = get(get(text, "params"), "requestId");
    questions_.erase(id);
    if (listens_.contains(id) && open_.erase(id) > 0) over_.insert(id);
  }

  // ---- steps

  void step() {
    switch (bytes_.next(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return host_line();
      case 4:
        return host_cancels();
      case 5:
      case 6:
        return host_answers();
      case 7:
      case 8:
      case 9:
        return with_request([this](fakes::FakeRequest& one) { answer(one); });
      case 10:
      case 11:
      case 12:
        return with_request([this](fakes::FakeRequest& one) { say(one); });
      case 13:
        return with_request([this](fakes::FakeRequest& one) { stop(one); });
      case 14:
        return pass();
      default:
        return user();
    }
  }

  void line(std::string text) {
    if (text.starts_with("{\"")) text.insert(1, R"("jsonrpc":"2.0",)");
    trace("host ->", text);
    lines_.feed(text + '\n', [this](rpc::Line&& read) { router_.on_line(std::move(read)); });
    loop_.turn();
  }
  void host_line() {
    const std::string id(bytes_.pick(kIds));
    std::string text = replaced(std::string(bytes_.pick(kHostLines)), "$I", id);
    text = replaced(replaced(std::move(text), "$C", kClaim), "$N", std::to_string(++serial_));
    text = replaced(std::move(text), "$S", state_);
    const std::string method = method_of(text);
    const bool modern = text.find(mcp::kModernClaim) != std::string::npos;
    // Those that are about one pair of eras keep to it.
    if (ascends_ && (modern || method == "server/discover")) return;
    if (descends_ && !modern) return;
    if (text.starts_with('[')) return host_batch(text);
    if (method == "initialize") has_initialized_ = true;
    // Also what is no message is answered, if it has an id.
    if (text.starts_with(R"({"id")") && open_.insert(id).second) {
      listens_.erase(id);
      if (method == "subscriptions/listen") listens_.insert(id);
      initializes_.erase(id);
      if (method == "initialize") initializes_.insert(id);
    }
    line(std::move(text));
  }
  void host_batch(const std::string& text) {
    if (open_.contains(R"("b1")") || open_.contains(R"("b2")")) return;
    open_.insert({R"("b1")", R"("b2")"});
    line(text);
  }
  void host_cancels() {
    const std::string id(bytes_.pick(kIds));
    forget(id);
    line(R"({"method":"notifications/cancelled","params":{"requestId":)" + id + "}}");
  }
  // As the router has it: the same id may be spelled otherwise.
  void forget(const std::string& id) {
    const auto same = [&id](const std::string& one) { return rpc::same_id(one, id); };
    const auto at =
        open_.contains(id) ? open_.find(id) : std::find_if(open_.begin(), open_.end(), same);
    if (at != open_.end() && !initializes_.contains(*at)) open_.erase(at);
  }
  void host_answers() {
    if (questions_.empty()) return;
    const auto at =
        std::next(questions_.begin(), static_cast<std::ptrdiff_t>(bytes_.next(questions_.size())));
    const std::string id = *at;
    questions_.erase(at);
    switch (bytes_.next(3)) {
      case 0:
        return line(R"({"id":)" + id + R"(,"result":{"action":"accept","content":{}}})");
      case 1:
        return line(R"({"id":)" + id + R"(,"result":[1]})");
      default:
        return line(R"({"id":)" + id + R"(,"error":{"code":1,"message":"m"}})");
    }
  }

  template <class Function>
  void with_request(Function&& function) {
    std::vector<fakes::FakeRequest*> live;
    for (std::size_t i = 0; i < client_.count(); ++i) {
      fakes::FakeRequest& one = client_.at(i);
      if (one.live() && !ending_.contains(&one)) live.push_back(&one);
    }
    if (live.empty()) return;
    function(*bytes_.pick(live));
    loop_.turn();
  }
  std::string server_text(const fakes::FakeRequest& one, std::string_view text) {
    const std::string id = get(one.body(), "id");
    std::string out = replaced(std::string(text), "$I", id.empty() ? "null" : id);
    out = replaced(std::move(out), "$Q", bytes_.pick(kIds));
    if (out.starts_with('{')) out.insert(1, R"("jsonrpc":"2.0",)");
    return out;
  }
  void excuse(const fakes::FakeRequest& one) {
    excused_.insert(get(get(one.body(), "params"), "n"));
  }
  void answer(fakes::FakeRequest& one) {
    const std::string text = server_text(one, bytes_.pick(kAnswers));
    const bool stream = streams_.contains(&one);
    const int status = bytes_.next(3) == 0 ? bytes_.pick(kStatuses) : 200;
    excuse(one);
    if (stream) {
      one.data("data: " + text + "\n\n");
      return;
    }
    ending_.insert(&one);
    std::vector<http::Header> fields;
    if (bytes_.next(2) == 1) fields.push_back({"Mcp-Session-Id", "S"});
    if (status == 429) fields.push_back({"Retry-After", "1"});
    trace(fmt::format("server -> {}", status), text);
    one.answer(status, "application/json", status == 202 ? "" : text, fields);
  }
  void say(fakes::FakeRequest& one) {
    if (streams_.insert(&one).second) one.head(200, "text/event-stream");
    const std::string id = bytes_.next(4) == 0 ? "id: e\n" : "";
    one.data(id + "data: " + server_text(one, bytes_.pick(kSayings)) + "\n\n");
  }
  // Without an answer.
  void stop(fakes::FakeRequest& one) {
    const bool stream = streams_.contains(&one);
    ending_.insert(&one);
    const std::size_t how = bytes_.next(stream ? 2 : 4);
    if (how == 0 && stream) return one.end();
    if (how <= 1) return one.fail(base::Kind::cut, true);
    if (how == 2) {
      one.body_left = false;
      excuse(one);
      return one.fail(base::Kind::unreachable, false);
    }
    const int status = bytes_.pick(kStatuses);
    if (status == 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
        status == 421 || status == 429) {
      excuse(one);
    }
    one.answer(status, bytes_.next(2) == 0 ? "" : "text/html", "");
  }
  void pass() {
    constexpr base::Duration kTimes[] = {100ms, 1s, 5s, 40s, 31min};
    loop_.pass(bytes_.pick(kTimes));
  }
  void user() {
    switch (bytes_.next(6)) {
      case 0:
        authorizer_.stale = true;
        break;
      case 1:
        authorizer_.can_mend = true;
        break;
      case 2:
        authorizer_.settle();
        break;
      case 3:
        authorizer_.settle(auth::Impediment{});
        break;
      case 4:
        client_.hold();
        break;
      default:
        client_.release();
    }
    loop_.turn();
  }

  // ---- the end: the server ends what is under way, the host answers what it is asked, and then
  // nothing is open but subscriptions; or the host leaves.

  void end() {
    if (leaves()) return;
    client_.release();
    for (int i = 0; i < 100 && !settled(); ++i) {
      authorizer_.stale = authorizer_.can_mend = false;
      authorizer_.settle(auth::Impediment{});
      loop_.turn();
      end_all_requests();
      while (!questions_.empty()) {
        const std::string id = *questions_.begin();
        questions_.erase(questions_.begin());
        line(R"({"id":)" + id + R"(,"error":{"code":1,"message":"m"}})");
      }
      loop_.pass(40s);
    }
    for (const std::string& id : open_) require(listens_.contains(id), "never answered", id);
  }
  bool settled() const {
    return std::all_of(open_.begin(), open_.end(),
                       [this](const std::string& id) { return listens_.contains(id); });
  }
  void end_all_requests() {
    for (std::size_t i = 0; i < client_.count(); ++i) {
      fakes::FakeRequest& one = client_.at(i);
      if (!one.live()) continue;
      excuse(one);
      const std::string text = server_text(one, R"({"id":$I,"error":{"code":1,"message":"m"}})");
      if (streams_.contains(&one)) {
        one.data("data: " + text + "\n\n");
        if (one.live()) one.end();
      } else {
        const bool asks = !get(one.body(), "id").empty() && !method_of(one.body()).empty();
        asks ? one.answer(200, "application/json", text)
             : one.answer(one.body().empty() ? 405 : 202, "", "");
      }
      loop_.turn();
    }
  }
  bool leaves() {
    if (bytes_.empty() && serial_ % 4 != 0) return false;
    client_.release();
    authorizer_.stale = authorizer_.can_mend = false;
    loop_.turn();
    for (const std::string& id : std::set<std::string>(open_)) {
      if (!listens_.contains(id)) open_.erase(id);
    }
    router_.abandon();
    loop_.turn();
    bool left = false;
    router_.leave([&left] { left = true; });
    for (int i = 0; i < 5 && !left; ++i) {
      authorizer_.settle(auth::Impediment{});
      end_all_requests();
      loop_.pass(40s);
    }
    require(left, "does not leave");
    return true;
  }

  Bytes bytes_;
  fakes::FakeLoop loop_;
  fakes::FakeClient client_;
  fakes::FakeOutput output_;
  FakeAuthorizer authorizer_;
  RetryBudget budget_;
  OneRecord store_;
  bool ascends_ = false;
  bool descends_ = false;
  bool trust_hints_;
  Router router_;
  rpc::Lines lines_;

  bool has_initialized_ = false;
  std::set<std::string> initializes_;
  std::set<std::string> open_;       // the host's requests without an answer
  std::set<std::string> listens_;    // ... those that are subscriptions, or were
  std::set<std::string> over_;       // subscriptions that ended without one
  std::set<std::string> questions_;  // the server's
  std::string state_ = R"("none")";
  int serial_ = 0;
  std::set<std::string> sent_;     // serials
  std::set<std::string> excused_;  // those that may go once more
  std::set<fakes::FakeRequest*> streams_;
  std::set<fakes::FakeRequest*> ending_;
};

}  // namespace
}  // namespace dogpipe::bridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool silent = [] {
    static_cast<void>(dogpipe::base::open_log({.level = dogpipe::base::LogLevel::off, .file = {}}));
    return true;
  }();
  static_cast<void>(silent);
  dogpipe::bridge::Script({data, size}).run();
  return 0;
}
