#include <algorithm>
#include <array>

#include "sandbox/world_builder.h"

namespace dogpipe::sandbox {
namespace {

constexpr std::array<const char*, 4> kBrowsers = {"Chrome 129", "Safari 18", "Firefox 131",
                                                  "Edge 129"};
constexpr std::array<const char*, 6> kCountries = {"DE", "FR", "US", "JP", "BR", "SE"};

const char* view_of(const Span& root) {
  if (root.resource == "POST /checkout") return "/checkout";
  if (root.resource == "GET /search") return "/search";
  if (root.resource == "POST /login") return "/login";
  return "/cart";
}

}  // namespace

void build_rum(World& world, Chance& chance) {
  for (const Span& root : world.spans) {
    if (!root.parent_id.empty()) continue;
    const std::string session = chance.hex(8) + "-" + chance.hex(4) + "-4" + chance.hex(3);
    RumEvent seen{.id = chance.hex(20),
                  .type = "resource",
                  .session_id = session,
                  .view = view_of(root),
                  .browser = chance.pick(kBrowsers),
                  .country = chance.pick(kCountries),
                  .message = root.resource,
                  .trace_id = root.trace_id,
                  .time = root.start - 12,
                  .duration_ms = root.duration_us / 1000 + 24};
    if (root.error) {
      RumEvent error = seen;
      error.id = chance.hex(20);
      error.type = "error";
      error.time += seen.duration_ms;
      error.duration_ms = 0;
      error.message = "Error: POST /checkout answered 502";
      world.rum.push_back(std::move(error));
    }
    world.rum.push_back(std::move(seen));
  }
  std::stable_sort(world.rum.begin(), world.rum.end(),
                   [](const RumEvent& a, const RumEvent& b) { return a.time > b.time; });
}

}  // namespace dogpipe::sandbox
