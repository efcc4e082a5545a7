#include "bridge/descent/questions.h"

#include <algorithm>
#include <utility>

#include "rpc/id.h"
#include "rpc/members.h"

namespace dogpipe::bridge::descent {

bool Questions::has(std::string_view raw_id) const {
  return std::any_of(questions_.begin(), questions_.end(),
                     [&](const Question& one) { return one.raw_id == raw_id; });
}

void Questions::add(std::string_view raw_id, std::string_view method, std::string_view raw_params) {
  questions_.push_back(
      {std::string(raw_id), input_key(++asked_), input_request(method, raw_params)});
}

void Questions::withdraw(std::string_view raw_id) {
  std::erase_if(questions_, [&](const Question& one) { return rpc::same_id(one.raw_id, raw_id); });
}

std::vector<std::string> Questions::raw_ids() const {
  std::vector<std::string> ids;
  for (const Question& one : questions_) ids.push_back(one.raw_id);
  return ids;
}

std::string Questions::write() const {
  InputRequests requests;
  for (const Question& one : questions_) requests.add(one.key, one.raw_input_request);
  return requests.write();
}

bool Questions::well_answered(std::string_view raw_responses) const {
  if (!raw_responses.empty() && raw_responses.front() != '{') return false;
  return std::all_of(questions_.begin(), questions_.end(), [&](const Question& one) {
    const auto raw = rpc::member(raw_responses, one.key);
    return !raw || raw->front() == '{';
  });
}

std::vector<Questions::Answer> Questions::take_answered(std::string_view raw_responses) {
  std::vector<Answer> answers;
  std::erase_if(questions_, [&](const Question& one) {
    const auto raw = rpc::member(raw_responses, one.key);
    if (raw) answers.push_back({one.raw_id, std::string(*raw)});
    return raw.has_value();
  });
  return answers;
}

std::vector<Questions::Refused> Questions::take_unmet(std::string_view raw_capabilities) {
  std::vector<Refused> refused;
  std::erase_if(questions_, [&](const Question& one) {
    const auto raw_method = rpc::member(one.raw_input_request, "method");
    const auto raw_params = rpc::member(one.raw_input_request, "params");
    auto unmet = unmet_capability(rpc::string_value(*raw_method).value_or(std::string()),
                                  raw_params.value_or(std::string_view()), raw_capabilities);
    if (!unmet) return false;
    refused.push_back({one.raw_id, std::move(*unmet)});
    return true;
  });
  return refused;
}

}  // namespace dogpipe::bridge::descent
