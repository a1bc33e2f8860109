// SPDX-License-Identifier: GPL-2.0-only
#include "values/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::values {

Expression::Expression() : tree_(std::make_unique<Tree>()) {}
Expression::~Expression() = default;
Expression::Expression(Expression &&) noexcept = default;
Expression &Expression::operator=(Expression &&) noexcept = default;

Result<Expression> Expression::parse(const std::string &text) {
    Expression expression;
    expression.text_ = text;
    Complaint complaint;
    if (!parse_expression(text, *expression.tree_, complaint)) {
        return Error{"--values", complaint.why + "\n" + complaint.marked(text), complaint.hint,
                     Exit::Usage};
    }
    return expression;
}

namespace {

bool mentions_return_value(const SyntaxNode &node) {
    return (node.kind == SyntaxKind::Special && node.text == "retval") ||
           std::any_of(node.parts.begin(), node.parts.end(),
                       [](const SyntaxPtr &part) { return mentions_return_value(*part); });
}

} // namespace

bool Expression::needs_return_value() const {
    return tree_->root && mentions_return_value(*tree_->root);
}

std::string Complaint::marked(const std::string &expression_text) const {
    return fmt::format("  {}\n  {:{}}{:^<{}}", expression_text, "", position, "",
                       std::max<size_t>(length, 1));
}

} // namespace dropctl::values
