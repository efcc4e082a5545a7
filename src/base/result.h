// Result<T>: a T, or the Error that kept us from one. The surface is that of std::expected (C++23),
// which the floor compiler does not have.
#pragma once

#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace dogpipe::base {

template <class T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` is the point
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{...};` too
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & { return *value_ptr(); }
  const T& operator*() const& { return *value_ptr(); }
  T&& operator*() && { return std::move(*value_ptr()); }
  T* operator->() { return value_ptr(); }
  const T* operator->() const { return value_ptr(); }

  Error& error() & { return *error_ptr(); }
  const Error& error() const& { return *error_ptr(); }
  Error&& error() && { return std::move(*error_ptr()); }

  template <class U>
  T value_or(U&& other) && {
    return has_value() ? std::move(*value_ptr()) : static_cast<T>(std::forward<U>(other));
  }

 private:
  // Asking for what is not there is a bug of ours; going on would be worse than stopping.
  template <class Pointer>
  static Pointer checked(Pointer pointer) {
    if (pointer == nullptr) std::abort();
    return pointer;
  }
  T* value_ptr() { return checked(std::get_if<0>(&state_)); }
  const T* value_ptr() const { return checked(std::get_if<0>(&state_)); }
  Error* error_ptr() { return checked(std::get_if<1>(&state_)); }
  const Error* error_ptr() const { return checked(std::get_if<1>(&state_)); }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }

  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace dogpipe::base
