// SPDX-License-Identifier: GPL-2.0-only
// All rules, as they are installed.
#pragma once

#include "rules/rule.hpp"
#include "util/result.hpp"

#include <string>
#include <vector>

namespace dropctl::rules {

class Base {
  public:
    /// Read all *.yaml of a directory, in the order of their names. Files with mistakes are
    /// left out; what is wrong with them is in `complaints`.
    static Base load(const std::string &directory, std::vector<Error> &complaints);
    /// Where the rules lie: as the environment's DROPCTL_RULES says, else where they were
    /// installed beside this program, else in the source tree that it was built in. Empty:
    /// there are none.
    static std::string directory();

    Base() = default;
    explicit Base(std::vector<Rule> rules) : rules_(std::move(rules)) {}

    /// The first rule that is about it; null: none.
    [[nodiscard]] const Rule *find(const Facts &facts) const;
    [[nodiscard]] const std::vector<Rule> &all() const { return rules_; }

  private:
    std::vector<Rule> rules_;
};

} // namespace dropctl::rules
