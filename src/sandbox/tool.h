// A tool of the stand-in, and how its answers are laid out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "sandbox/changes.h"
#include "sandbox/question.h"

namespace dogpipe::sandbox {

class World;

struct ToolAnswer {
  std::string text;
  std::string structured;  // JSON (for the legacy wire an object), or empty
  bool is_error = false;
};

inline ToolAnswer tool_error(std::string text) { return {std::move(text), "", true}; }

struct Tool {
  using Run = std::function<ToolAnswer(const World&, json::Value arguments)>;

  std::string name;
  std::string title;
  std::string description;
  std::vector<std::string> toolsets;
  std::string input_schema;           // JSON
  std::string output_schema;          // JSON, or empty
  std::vector<std::string> required;  // arguments, telemetry apart
  bool reads = true;                  // readOnlyHint
  bool destroys = false;              // destructiveHint
  Run run;

  // Of tools that are there for tests.
  bool wants_intent = true;
  bool modern_only = false;
  std::string second_schema;  // another input schema, if the list is made to go out of date
  std::vector<Round> rounds;  // what it asks before it runs
  std::function<std::vector<Change>(json::Value arguments)> changes;
};

// Builds an input schema. Every tool takes telemetry.intent, which is required.
class Schema {
 public:
  enum class Need { optional, required };

  // `example` is what a caller without an idea may send.
  Schema& text(std::string name, std::string_view description, std::string_view example = "",
               Need need = Need::optional);
  Schema& integer(std::string name, std::string_view description, long fallback, long least = 0,
                  Need need = Need::optional);
  Schema& choice(std::string name, std::string_view description,
                 const std::vector<std::string>& values);
  Schema& object(std::string name, std::string_view description, std::string_view properties_json,
                 Need need = Need::optional);
  Schema& array(std::string name, std::string_view description, std::string_view items_json,
                Need need = Need::optional);
  // from, to
  Schema& range();
  // start_at, max_tokens: for what comes in pages
  Schema& paged();

  std::string json() const;
  const std::vector<std::string>& required() const { return required_; }

 private:
  void add(std::string name, std::string schema, Need need);

  std::vector<std::pair<std::string, std::string>> properties_;
  std::vector<std::string> required_;
};

// Registers `tool` under its name of 2025 in the toolset "classic", and under today's name in
// `toolset`.
void add_both(std::vector<Tool>& tools, const char* classic, const char* today, Tool tool,
              std::string toolset = "core");

Tool make_tool(std::string title, std::string description, const Schema& schema, Tool::Run run);

}  // namespace dogpipe::sandbox
