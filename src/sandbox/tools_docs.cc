#include <algorithm>

#include "sandbox/catalogue.h"
#include "sandbox/layout.h"
#include "sandbox/query.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {
namespace {

// How many words of the question a page has.
int score(const Page& page, std::string_view question) {
  const std::string text = page.title + " " + page.text;
  int found = 0;
  while (!question.empty()) {
    const std::size_t end = question.find_first_of(" ?.,");
    const std::string word(question.substr(0, end));
    if (word.size() > 2 && matches_pattern("*" + word + "*", text)) ++found;
    question.remove_prefix(end == std::string_view::npos ? question.size() : end + 1);
  }
  return found;
}

ToolAnswer ask(const World& world, json::Value arguments) {
  const std::string_view question = arguments["query"].text_or("");
  std::vector<const Page*> pages;
  for (const Page& page : world.pages) pages.push_back(&page);
  std::stable_sort(pages.begin(), pages.end(), [&](const Page* a, const Page* b) {
    return score(*a, question) > score(*b, question);
  });
  Table table({"title", "url", "text"});
  for (std::size_t i = 0; i < 3; ++i) table.row({pages[i]->title, pages[i]->url, pages[i]->text});
  return table.answer(arguments);
}

}  // namespace

void add_docs_tools(std::vector<Tool>& tools, const World&) {
  add_both(tools, "ask_docs", "search_datadog_docs",
           make_tool("Search the documentation", "Pages of the documentation that fit a question.",
                     Schema()
                         .text("query", "A question.", "How do I search logs by service?",
                               Schema::Need::required)
                         .paged(),
                     ask));
}

}  // namespace dogpipe::sandbox
