// The organizations that the one user of the sandbox belongs to.
#pragma once

#include <array>
#include <string_view>

namespace dogpipe::sandbox {

struct Organization {
  std::string_view uuid;
  std::string_view name;
};

// The first is that of fixed credentials.
inline constexpr std::array<Organization, 2> kOrganizations = {{
    {"7be2a1c4-2f0d-4f7a-bb7e-3a9d5f60c002", "Sandbox Ltd"},
    {"c41d90f6-5b1e-4a0c-8e27-91d2b7e3a004", "Sandbox Labs & Sons"},
}};

// nullptr without one.
constexpr const Organization* find_organization(std::string_view uuid) {
  for (const Organization& organization : kOrganizations) {
    if (organization.uuid == uuid) return &organization;
  }
  return nullptr;
}

}  // namespace dogpipe::sandbox
