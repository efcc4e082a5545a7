#include "upstream.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "direct.h"

namespace bench {
namespace {

std::uint64_t number_after(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::optional<Upstream> Upstream::start(const std::string& program, const std::string& certificate,
                                        const std::string& key) {
  std::vector<std::string> words{program};
  if (!certificate.empty() && !key.empty()) {
    words.insert(words.end(), {"--cert", certificate, "--key", key});
  }
  auto child = Child::spawn(words, {}, Channel::pipes, true);
  if (!child) return std::nullopt;
  constexpr int kPatienceMs = 5000;
  pollfd ready{child->out(), POLLIN, 0};
  std::array<char, 128> room{};
  if (::poll(&ready, 1, kPatienceMs) <= 0) return std::nullopt;
  const auto got = ::read(child->out(), room.data(), room.size());
  if (got <= 0) return std::nullopt;
  const std::string_view line{room.data(), static_cast<std::size_t>(got)};
  Upstream upstream{std::move(*child)};
  upstream.http_ = static_cast<std::uint16_t>(number_after(line, "http "));
  upstream.https_ = static_cast<std::uint16_t>(number_after(line, "https "));
  if (upstream.http_ == 0) return std::nullopt;
  return upstream;
}

Upstream::Stats Upstream::stats() const {
  Direct direct{http_, false};
  if (!direct.good()) return {};
  const auto text = direct.get("/stats");
  return {number_after(text, R"("requests":)"), number_after(text, R"("at_opening":)")};
}

}  // namespace bench
