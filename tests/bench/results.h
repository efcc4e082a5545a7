#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// Both are NaN for no values at all.
double median(std::vector<double> values);
double percentile(std::vector<double> values, double share);  // share in 0..1

// Every figure of a run: one value a round for each subject and metric.
class Results {
 public:
  using ByMetric = std::map<std::string, std::vector<double>>;

  void add(const std::string& subject, const std::string& metric, double value) {
    figures_[subject][metric].push_back(value);
  }
  // A failure ends the run with status 1, once all the rest is measured; a note does not.
  void fail(std::string what) { failures_.push_back(std::move(what)); }
  void note(std::string what) { notes_.push_back(std::move(what)); }

  // The median over the rounds, NaN when the metric was not measured.
  double value(const std::string& subject, const std::string& metric) const;
  const std::map<std::string, ByMetric>& figures() const { return figures_; }
  const std::vector<std::string>& failures() const { return failures_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::map<std::string, ByMetric> figures_;
  std::vector<std::string> failures_;  // of judged subjects: wrong bytes, lost events, crashes
  std::vector<std::string> notes_;     // of the others, and what was left out
};

}  // namespace bench
