// How an answer becomes text: METADATA, then rows as TSV or one JSON document, cut to a budget of
// tokens with a note that tells how to get the rest.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/tool.h"

namespace dogpipe::sandbox {

class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // One more line of METADATA.
  void note(std::string name, std::string value) {
    notes_.emplace_back(std::move(name), std::move(value));
  }
  std::size_t size() const { return rows_.size(); }

  // Honours start_at and max_tokens of the arguments.
  ToolAnswer answer(json::Value arguments) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::pair<std::string, std::string>> notes_;
};

// A JSON document as text and, for tools with a widget, as structuredContent.
ToolAnswer json_answer(std::string json, json::Value arguments, bool widget = false);

// With commas between.
std::string joined(const std::vector<std::string>& parts);

std::string number_text(double number);

}  // namespace dogpipe::sandbox
