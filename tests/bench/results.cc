#include "results.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bench {

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(std::lround(last * share))];
}

double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double Results::value(const std::string& subject, const std::string& metric) const {
  const auto of_subject = figures_.find(subject);
  if (of_subject == figures_.end()) return std::numeric_limits<double>::quiet_NaN();
  const auto found = of_subject->second.find(metric);
  if (found == of_subject->second.end()) return std::numeric_limits<double>::quiet_NaN();
  return median(found->second);
}

}  // namespace bench
