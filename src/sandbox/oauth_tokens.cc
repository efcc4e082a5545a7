#include "sandbox/oauth_tokens.h"

#include <algorithm>
#include <utility>

#include "crypto/base64.h"
#include "crypto/digest.h"
#include "sandbox/form.h"

namespace dogpipe::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kCodeLife = 60s;

Denial invalid_grant(std::string description) {
  return {400, "invalid_grant", std::move(description)};
}

bool answers(const std::string& challenge, const std::string& verifier) {
  return crypto::base64url(crypto::sha256(verifier)) == challenge;
}

bool within(const std::string& narrow, const std::string& wide) {
  const auto asked = words(narrow);
  return std::all_of(asked.begin(), asked.end(),
                     [&](const std::string& word) { return allows(wide, word); });
}

}  // namespace

bool allows(std::string_view scope, std::string_view wanted) {
  const auto granted = words(scope);
  return std::any_of(granted.begin(), granted.end(),
                     [&](const std::string& word) { return word == wanted || word == "mcp_all"; });
}

base::Result<std::string> TokenTable::make_code(CodeTerms terms, base::Time now) {
  auto code = crypto::random_hex(random_, 16);
  if (code) codes_[*code] = {std::move(terms), now + kCodeLife, 0};
  return code;
}

TokenTable::Redeemed TokenTable::redeem_code(const CodeUse& use, base::Time now) {
  const auto found = codes_.find(use.code);
  if (found == codes_.end()) return invalid_grant("Unknown authorization code.");
  Code& code = found->second;
  const CodeTerms& terms = code.terms;
  if (code.family != 0) {
    end_family(code.family);
    return invalid_grant("The authorization code has been used.");
  }
  if (now >= code.end) return invalid_grant("The authorization code has expired.");
  if (use.client_id != terms.grant.client_id) return invalid_grant("Another client's code.");
  if (use.redirect_uri != terms.redirect_uri) return invalid_grant("Mismatching redirect URI.");
  if (!terms.challenge.empty()) {
    if (!use.verifier || use.verifier->empty()) {
      return Denial{400, "invalid_request",
                    "Code verifier required. This client must include a code_verifier parameter."};
    }
    if (!answers(terms.challenge, *use.verifier)) return invalid_grant("Code verifier mismatch.");
  }
  auto redeemed = open(terms.grant, now);
  code.family = families_made_;
  return redeemed;
}

TokenTable::Redeemed TokenTable::open(Grant grant, base::Time now) {
  std::string scope = grant.scope;
  families_[++families_made_] = std::move(grant);
  return issue(families_made_, std::move(scope), "", now);
}

TokenTable::Redeemed TokenTable::redeem_refresh(const RefreshUse& use, base::Time now) {
  const auto found = refresh_.find(use.token);
  if (found == refresh_.end()) return invalid_grant("Unknown refresh token.");
  Refresh& refresh = found->second;
  const auto family = families_.find(refresh.family);
  if (family != families_.end() && use.client_id != family->second.client_id) {
    return invalid_grant("Another client's refresh token.");
  }
  if (refresh.spent) {
    ++reuses_;
    end_family(refresh.family);
    return invalid_grant("The refresh token has been used.");
  }
  if (family == families_.end()) return invalid_grant("The grant has been revoked.");
  if (refresh.end && now >= *refresh.end) return invalid_grant("The refresh token has expired.");
  if (use.scope && !within(*use.scope, family->second.scope)) {
    return Denial{400, "invalid_scope", "A refresh cannot widen the scope."};
  }
  refresh.spent = rules_.rotate;
  return renew(refresh, use, now);
}

TokenTable::Redeemed TokenTable::renew(const Refresh& old, const RefreshUse& use, base::Time now) {
  const std::string& granted = families_[old.family].scope;
  return issue(old.family, use.scope && !use.scope->empty() ? *use.scope : granted,
               rules_.rotate ? "" : use.token, now);
}

// With `refresh` empty a new refresh token is made.
TokenTable::Redeemed TokenTable::issue(int family, std::string scope, std::string refresh,
                                       base::Time now) {
  Tokens tokens{random_name("dda_"), std::move(refresh), rules_.access_life, std::move(scope)};
  if (tokens.refresh.empty() && rules_.refresh_tokens) {
    tokens.refresh = random_name("ddr_");
    Refresh& made = refresh_[tokens.refresh] = {family, {}, false};
    if (rules_.refresh_life > 0s) made.end = now + rules_.refresh_life;
  }
  if (tokens.access.empty() || (rules_.refresh_tokens && tokens.refresh.empty())) {
    return Denial{500, "server_error", ""};
  }
  access_[tokens.access] = {family, {&families_[family], tokens.scope, now + rules_.access_life}};
  return tokens;
}

const TokenTable::Access* TokenTable::find(std::string_view access_token, base::Time now) const {
  const auto found = access_.find(access_token);
  if (found == access_.end() || now >= found->second.access.end) return nullptr;
  return &found->second.access;
}

const std::string* TokenTable::resource_of(std::string_view code_or_refresh) const {
  if (const auto code = codes_.find(code_or_refresh); code != codes_.end()) {
    return &code->second.terms.grant.resource;
  }
  const auto refresh = refresh_.find(code_or_refresh);
  if (refresh == refresh_.end()) return nullptr;
  const auto family = families_.find(refresh->second.family);
  return family == families_.end() ? nullptr : &family->second.resource;
}

bool TokenTable::revoke(std::string_view token) {
  if (const auto access = access_.find(token); access != access_.end()) {
    end_family(access->second.family);
    return true;
  }
  const auto refresh = refresh_.find(token);
  if (refresh == refresh_.end()) return false;
  end_family(refresh->second.family);
  return true;
}

void TokenTable::end_family(int family) {
  std::erase_if(access_, [family](const auto& entry) { return entry.second.family == family; });
  families_.erase(family);
}

void TokenTable::revoke_all() {
  access_.clear();
  families_.clear();
}

void TokenTable::expire() { access_.clear(); }

// Empty when the generator fails.
std::string TokenTable::random_name(std::string_view prefix) {
  auto name = crypto::random_hex(random_, 20);
  return name ? std::string(prefix) + *name : "";
}

}  // namespace dogpipe::sandbox
