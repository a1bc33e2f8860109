// SPDX-License-Identifier: GPL-2.0-only
#include "rules/rule.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::rules {

namespace {

/// Stands for a kernel that gives none.
const std::string no_reason = "none";

bool one_of(const std::vector<std::string> &wanted, const std::string &text) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

bool one_found(const std::vector<std::regex> &wanted, const std::string &text) {
    return wanted.empty() || (!text.empty() && std::any_of(wanted.begin(), wanted.end(),
                                                           [&text](const std::regex &each) {
                                                               return std::regex_search(text, each);
                                                           }));
}

bool returned_as(const std::string &wanted, const LinkFacts &link) {
    const int64_t number = *link.retval;
    if (wanted == "nonzero") {
        return number != 0;
    }
    if (wanted == "negative") {
        return number < 0;
    }
    return wanted == link.retval_text || wanted == std::to_string(number) ||
           (wanted == "NULL" && number == 0);
}

bool returned_one_of(const std::vector<std::string> &wanted, const LinkFacts &link) {
    return wanted.empty() || (link.retval && std::any_of(wanted.begin(), wanted.end(),
                                                         [&link](const std::string &each) {
                                                             return returned_as(each, link);
                                                         }));
}

bool decided(const Condition &condition, const LinkFacts &cause) {
    return one_of(condition.function, cause.function) && one_of(condition.module, cause.module) &&
           one_of(condition.callee, cause.callee) && returned_one_of(condition.returned, cause) &&
           one_found(condition.statement, cause.statement) &&
           one_found(condition.condition, cause.condition) &&
           (!condition.loop || *condition.loop == cause.loop_ended);
}

bool in_chain(const Called &called, const Facts &facts) {
    return std::any_of(facts.chain.begin(), facts.chain.end(), [&called](const LinkFacts &link) {
        return one_of(called.callee, link.callee) && returned_one_of(called.returned, link);
    });
}

bool passed_through(const std::vector<std::string> &functions, const Facts &facts) {
    return functions.empty() ||
           std::any_of(facts.chain.begin(), facts.chain.end(), [&](const LinkFacts &link) {
               return one_of(functions, link.function) || one_of(functions, link.callee);
           });
}

bool freed_in(const Condition &condition, const Facts &facts) {
    return condition.freed_in.empty() ||
           std::any_of(facts.freed_in.begin(), facts.freed_in.end(),
                       [&](const std::string &each) { return one_of(condition.freed_in, each); });
}

bool holds(const Condition &condition, const Facts &facts) {
    // Where nothing was recorded, the place of the drop and its reason may say enough.
    static const LinkFacts nothing;
    const LinkFacts *cause = facts.cause();
    return decided(condition, cause == nullptr ? nothing : *cause) &&
           passed_through(condition.through, facts) &&
           std::all_of(condition.called.begin(), condition.called.end(),
                       [&facts](const Called &called) { return in_chain(called, facts); }) &&
           freed_in(condition, facts) &&
           one_of(condition.reason, facts.reason.empty() ? no_reason : facts.reason) &&
           one_of(condition.l3, facts.word("l3")) && one_of(condition.l4, facts.word("l4")) &&
           one_of(condition.src, address_class(facts.word("src"))) &&
           one_of(condition.dst, address_class(facts.word("dst")));
}

} // namespace

bool matches(const Rule &rule, const Facts &facts) {
    return std::any_of(rule.when.begin(), rule.when.end(),
                       [&facts](const Condition &condition) { return holds(condition, facts); });
}

} // namespace dropctl::rules
