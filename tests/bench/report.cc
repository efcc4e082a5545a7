#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string_view>

#include "aims.h"

namespace bench {
namespace {

struct World {
  const char* prefix;
  const char* title;
};
constexpr World kWorlds[] = {{"http.", "plain HTTP/1.1"}, {"tls.", "TLS (h2 where asked for)"}};

std::string cell(double value, int decimals) {
  return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, decimals);
}

const char* verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return "met";
    case Verdict::missed:
      return "MISSED";
    case Verdict::none:
      break;
  }
  return "";
}

double ratio(const Results& results, const RunFacts& facts, const std::string& metric) {
  if (facts.subjects.size() < 2) return NAN;
  const auto floor = results.value(facts.subjects[0], metric);
  return floor == 0 ? NAN : results.value(facts.subjects[1], metric) / floor;
}

Verdict verdict(const Row& row, const std::string& prefix, const Results& results,
                const RunFacts& facts) {
  if (facts.subjects.size() < 2) return Verdict::none;
  return judge(row, prefix, results, facts.subjects[0], facts.subjects[1]);
}

bool was_measured(const Results& results, const std::string& metric) {
  for (const auto& [subject, figures] : results.figures()) {
    if (figures.count(metric) > 0) return true;
  }
  return false;
}

void print_row(const Row& row, const std::string& prefix, const Results& results,
               const RunFacts& facts) {
  const auto metric = prefix + row.metric;
  if (!was_measured(results, metric)) return;
  fmt::print("{:<46} {:>5}", row.label, row.unit);
  for (const auto& subject : facts.subjects) {
    fmt::print(" {:>11}", cell(results.value(subject, metric), row.decimals));
  }
  fmt::print(" {:>7}  {:<14} {}\n", cell(ratio(results, facts, metric), 2), aim_text(row.aim),
             verdict_text(verdict(row, prefix, results, facts)));
}

std::string quoted(std::string_view text) {
  std::string out{'"'};
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') out += '\\';
    if (static_cast<unsigned char>(byte) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      out += byte;
    }
  }
  return out += '"';
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + quoted(text);
  return "[" + out + "]";
}

std::string row_json(const Row& row, const std::string& prefix, const Results& results,
                     const RunFacts& facts) {
  const auto metric = prefix + row.metric;
  auto out =
      fmt::format("    {}: {{\"unit\": {}, \"subjects\": {{", quoted(metric), quoted(row.unit));
  const char* comma = "";
  for (const auto& [subject, figures] : results.figures()) {
    const auto found = figures.find(metric);
    if (found == figures.end()) continue;
    std::string values;
    for (const auto value : found->second) values += (values.empty() ? "" : ", ") + number(value);
    out += fmt::format("{}{}: {{\"median\": {}, \"values\": [{}]}}", comma, quoted(subject),
                       number(median(found->second)), values);
    comma = ", ";
  }
  out += fmt::format("}}, \"ratio\": {}", number(ratio(results, facts, metric)));
  const auto judged = verdict(row, prefix, results, facts);
  if (judged != Verdict::none) {
    out += fmt::format(", \"aim\": {}, \"met\": {}", quoted(aim_text(row.aim)),
                       judged == Verdict::met);
  }
  return out + "}";
}

}  // namespace

void print_table(const Results& results, const RunFacts& facts) {
  int met = 0;
  int missed = 0;
  for (const auto& world : kWorlds) {
    const auto shown = [&](const Row& row) {
      return was_measured(results, std::string{world.prefix} + row.metric);
    };
    if (std::none_of(rows().begin(), rows().end(), shown)) continue;
    fmt::print("\n{} (medians of {} rounds{}, {})\n{:<52}", world.title, facts.rounds,
               facts.quick ? ", quick" : "", facts.channel, "");
    for (const auto& subject : facts.subjects) fmt::print(" {:>11}", subject);
    fmt::print(" {:>7}  {}\n", "ratio", "aim");
    for (const auto& row : rows()) {
      print_row(row, world.prefix, results, facts);
      const auto judged = verdict(row, world.prefix, results, facts);
      met += judged == Verdict::met ? 1 : 0;
      missed += judged == Verdict::missed ? 1 : 0;
    }
  }
  for (const auto& note : results.notes()) fmt::print("note: {}\n", note);
  for (const auto& failure : results.failures()) fmt::print("FAILED: {}\n", failure);
  fmt::print("\naims met: {}, missed: {}; failures: {}\n", met, missed, results.failures().size());
}

bool write_json(const Results& results, const RunFacts& facts, const std::string& file) {
  auto text = fmt::format(
      "{{\n  \"rounds\": {}, \"quick\": {}, \"channel\": {},\n  \"subjects\": {},\n"
      "  \"failures\": {},\n  \"notes\": {},\n  \"metrics\": {{\n",
      facts.rounds, facts.quick, quoted(facts.channel), quoted_list(facts.subjects),
      quoted_list(results.failures()), quoted_list(results.notes()));
  const char* comma = "";
  for (const auto& world : kWorlds) {
    for (const auto& row : rows()) {
      if (!was_measured(results, std::string{world.prefix} + row.metric)) continue;
      text += comma + row_json(row, world.prefix, results, facts);
      comma = ",\n";
    }
  }
  text += "\n  }\n}\n";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{std::fopen(file.c_str(), "w"), std::fclose};
  return out && std::fwrite(text.data(), 1, text.size(), out.get()) == text.size();
}

}  // namespace bench
