#include "bridge/relist.h"

#include <fmt/format.h>

#include <utility>

#include "rpc/members.h"
#include "rpc/reply.h"

namespace dogpipe::bridge {
namespace {

constexpr std::string_view kMethod = "tools/list";
// Enough for any server; a hostile one must not keep us listing.
constexpr int kMostPages = 1000;

}  // namespace

Relist::Relist(const Call::Context& context, const Mint& mint, Catalogue& catalogue,
               std::string raw_meta, Done done)
    : context_(context),
      mint_(mint),
      catalogue_(catalogue),
      raw_meta_(std::move(raw_meta)),
      done_(std::move(done)),
      next_(context.loop, [this] { next(); }) {
  next_.schedule();
}

void Relist::next() {
  if (!complete_) return ask();
  const Done done = std::move(done_);
  done(*complete_);
}

void Relist::ask() {
  std::string params = "{\"_meta\":" + raw_meta_;
  if (!raw_cursor_.empty()) params += ",\"cursor\":" + raw_cursor_;
  params += '}';
  Call::Spec spec;
  spec.raw_id = mint_();
  spec.method = kMethod;
  spec.text = std::make_shared<const base::Bytes>(rpc::write_call(spec.raw_id, kMethod, params));
  spec.safety = safety_of(kMethod, {});
  spec.modern.emplace();
  spec.modern->fields = mcp::request_fields(kMethod, params);
  spec.modern->mint = &mint_;
  call_ = std::make_unique<Call>(context_, static_cast<Call::Owner&>(*this), std::move(spec));
  call_->start();
}

void Relist::on_answer(Call&, Message& message) {
  if (message.envelope.shape != rpc::Shape::response) return end(false);
  if (++pages_ == 1) catalogue_.forget();
  const std::string_view result = message.envelope.result.in(message.text);
  static_cast<void>(catalogue_.observe_modern(result));
  const auto cursor = rpc::member(result, "nextCursor");
  if (!cursor || !cursor->starts_with('"')) return end(true);
  if (pages_ == kMostPages) return end(false);
  raw_cursor_ = *cursor;
  next_.schedule();
}

void Relist::end(bool complete) {
  complete_ = complete;
  next_.schedule();
}

}  // namespace dogpipe::bridge
