// SPDX-License-Identifier: GPL-2.0-only
// How errors travel: whatever can be expected to fail returns Result<T>, which
// holds a value or an Error; main() turns the Error into text and exit status.
// Exceptions are left to programming errors and to CLI11.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace dropctl {

/// Exit statuses of dropctl, a contract with scripts.
enum class Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NothingSeen = 3,
    EventsLost = 4,
};

/// A failure as the user is told of it: "dropctl: WHAT: WHY" and "hint: HINT".
struct Error {
    std::string what;           ///< what was being done ("add-filter")
    std::string why;            ///< the reason, lower case, no full stop; may have further lines
    std::string hint{};         ///< the next step, empty if there is none
    Exit status = Exit::Failed; ///< what the process exits with
    int number = 0;             ///< errno, if the module refused; 0: it did not
    std::string blamed{};       ///< the attribute that it blames, as the netlink spec spells it
};

/// A value or an Error. Ask with operator bool before taking either.
template <typename T> class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T &operator*() { return std::get<0>(state_); }
    const T &operator*() const { return std::get<0>(state_); }
    T *operator->() { return &std::get<0>(state_); }
    const T *operator->() const { return &std::get<0>(state_); }
    Error &error() { return std::get<1>(state_); }
    [[nodiscard]] const Error &error() const { return std::get<1>(state_); }

  private:
    std::variant<T, Error> state_;
};

/// Nothing, or an Error.
template <> class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), failed_(true) {}

    explicit operator bool() const { return !failed_; }
    Error &error() { return error_; }
    [[nodiscard]] const Error &error() const { return error_; }

  private:
    Error error_{};
    bool failed_ = false;
};

} // namespace dropctl
