// SPDX-License-Identifier: GPL-2.0-only
#include "explain/generic.hpp"

#include <fmt/format.h>

namespace dropctl::explain {

namespace {

std::string value_text(const diagnose::NamedOperand &value) {
    if (!value.value) {
        return value.expression;
    }
    return value.expression + " = " +
           (value.text.empty() ? fmt::format("{}", *value.value) : value.text);
}

/// What the statement that decided looked at.
std::string decision(const diagnose::Link &cause) {
    if (cause.loop_ended) {
        return fmt::format("{}() looked through all there was and found nothing that matches",
                           cause.function);
    }
    if (!cause.callee.empty() && cause.retval) {
        return fmt::format("{}() returned {} to {}()", cause.callee, cause.retval_full,
                           cause.function);
    }
    if (cause.why == "store") {
        return fmt::format("{}() stored the value that was acted on later", cause.function);
    }
    if (!cause.condition.empty()) {
        std::string text = fmt::format("in {}(), {}", cause.function, cause.condition);
        std::string values;
        for (const diagnose::NamedOperand &value : cause.values) {
            if (value.value) {
                values += (values.empty() ? "" : ", ") + value_text(value);
            }
        }
        return values.empty() ? text : text + " (" + values + ")";
    }
    return fmt::format("{}() drops whatever gets here", cause.function);
}

/// What that was handed up as, from the deepest function to the one that freed.
std::string consequence(const diagnose::Diagnosis &diagnosis) {
    std::string text;
    for (size_t i = diagnosis.chain.size(); i-- > 0;) {
        const diagnose::Link &link = diagnosis.chain[i];
        if (i + 1 == diagnosis.chain.size() || link.callee.empty() || !link.retval) {
            continue;
        }
        text += fmt::format("{}{}() returned {}", text.empty() ? "; so " : ", ", link.callee,
                            link.retval_full);
    }
    return text;
}

} // namespace

std::string sentence(const diagnose::Diagnosis &diagnosis) {
    const diagnose::Link *cause = diagnosis.cause();
    if (cause == nullptr) {
        return "nothing was recorded that led to the drop";
    }
    return decision(*cause) + consequence(diagnosis);
}

std::vector<std::string> trace_command(const diagnose::Diagnosis &diagnosis,
                                       const std::string &expression) {
    const diagnose::Link *cause = diagnosis.cause();
    if (cause == nullptr) {
        return {};
    }
    const std::string function =
        cause->function + (cause->module.empty() ? "" : "@" + cause->module);
    return {fmt::format("dropctl trace {} --values @args{}", function,
                        expression.empty() ? "" : " -- " + expression)};
}

} // namespace dropctl::explain
