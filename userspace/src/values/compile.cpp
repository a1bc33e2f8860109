// SPDX-License-Identifier: GPL-2.0-only
// Expressions at a point become one program: each is checked, gets an item that
// says how to decode it, and code.
#include "values/compile.hpp"

#include "values/checker.hpp"
#include "values/display.hpp"
#include "values/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace dropctl::values {

namespace {

constexpr size_t auto_most = 32;
constexpr uint64_t auto_size_most = 16; ///< bytes of a struct or array that @auto takes

class PointCompiler {
  public:
    PointCompiler(Types &types, const Place &place, const PointContext &context)
        : types_(types), scope_(types, place), context_(context) {}

    void add(size_t index, const Expression &expression);
    Compiled take() {
        compiled_.point.program = generator_.take();
        return std::move(compiled_);
    }

  private:
    void add_variables(const Scope &scope, bool parameters_only);
    void add_one(size_t index, const Expression &expression);
    void complain(size_t index, Complaint complaint) {
        complaint.expression = index;
        compiled_.complaints.push_back(std::move(complaint));
    }
    bool generate(const Checked &checked, Item item);
    void find_layouts();

    Types &types_;
    Scope scope_;
    PointContext context_;
    Generator generator_;
    Compiled compiled_;
    Layouts layouts_;
    bool layouts_known_ = false;
};

void PointCompiler::add(size_t index, const Expression &expression) {
    switch (expression.tree().automatic) {
    case AutoKind::None:
        add_one(index, expression);
        return;
    case AutoKind::Auto:
        add_variables(scope_, false);
        return;
    case AutoKind::Args:
        if (const auto entry = scope_.at_entry()) {
            add_variables(*entry, true);
        }
        return;
    }
}

/// Where the members are that are shown in place of addresses. Looked up when first needed.
void PointCompiler::find_layouts() {
    if (layouts_known_) {
        return;
    }
    layouts_known_ = true;
    const auto offset = [&](std::string_view type, std::string_view name) -> int64_t {
        const Type *found = types_.find(TypeKind::Struct, type, scope_.place());
        const auto member = found == nullptr ? std::nullopt : find_member(*found, name);
        return member ? static_cast<int64_t>(member->member.offset) : -1;
    };
    layouts_.device_name = offset("net_device", "name");
    layouts_.packet_length = offset("sk_buff", "len");
}

bool PointCompiler::generate(const Checked &checked, Item item) {
    if (item.layout == Layout::Named || item.layout == Layout::Counted) {
        find_layouts();
        const bool device = item.type->is_pointer_to("net_device");
        if ((device && layouts_.device_name < 0) ||
            (item.layout == Layout::Counted && layouts_.packet_length < 0)) {
            item.layout = Layout::Plain;
        }
    }
    generator_.begin_item(static_cast<uint16_t>(compiled_.point.items.size()));
    if (checked.walk) {
        const uint64_t fitting =
            (DROPTRACE_ITEM_MAX - 1) / std::max<uint64_t>(item.type->size(), 1);
        const auto most = static_cast<unsigned>(std::min<uint64_t>(fitting, list_most));
        item.layout = Layout::Plain;
        generator_.walk(*checked.walk, most, item, layouts_);
        item.layout = Layout::List;
    } else {
        generator_.output(checked.operand, item, layouts_);
    }
    if (generator_.failed()) {
        generator_.drop_item();
        return false;
    }
    generator_.end_item();
    compiled_.point.items.push_back(std::move(item));
    return true;
}

void PointCompiler::add_one(size_t index, const Expression &expression) {
    const SyntaxNode &root = *expression.tree().root;
    Checker checker(scope_, context_);
    auto checked = checker.check(root);
    if (!checked) {
        complain(index, checker.complaint());
        return;
    }
    Complaint complaint{.position = root.span.position, .length = root.span.length};
    Item item;
    if (!choose_item(types_, scope_.place(), expression.tree().format, *checked, item, complaint)) {
        complain(index, std::move(complaint));
        return;
    }
    item.text = expression.text();
    if (!generate(*checked, std::move(item))) {
        complaint.unavailable = !checked->operand.in_memory();
        complaint.why = complaint.unavailable ? "only parts of this are left here"
                                              : "the expression is too large";
        complain(index, std::move(complaint));
    }
}

void PointCompiler::add_variables(const Scope &scope, bool parameters_only) {
    Checker checker(scope, context_);
    for (const ScopedVariable &variable : scope.variables()) {
        const bool outermost = variable.level + 1 == scope.functions().size();
        if (compiled_.point.items.size() >= auto_most ||
            (parameters_only && (variable.kind != VariableKind::Parameter || !outermost)) ||
            (!parameters_only && variable.hidden)) {
            continue;
        }
        auto operand = checker.variable(variable);
        const Type *type = operand ? operand->type : nullptr;
        if (type == nullptr || operand->where.per_cpu ||
            operand->where.kind == LocationKind::Implicit) {
            continue;
        }
        const uint64_t size = types_.complete(*type, scope.place()).size();
        const bool whole = type->is_struct() || type->is(TypeKind::Array);
        if (whole && (size > auto_size_most || size == 0)) {
            continue;
        }
        Checked checked{.operand = std::move(*operand), .walk = std::nullopt};
        Complaint complaint;
        Item item;
        if (choose_item(types_, scope.place(), Format::Auto, checked, item, complaint)) {
            item.text = variable.name;
            item.is_auto = true;
            generate(checked, std::move(item));
        }
    }
}

} // namespace

Compiled compile(Types &types, const Place &place, const std::vector<Expression> &expressions,
                 const PointContext &context) {
    PointCompiler compiler(types, place, context);
    for (size_t i = 0; i < expressions.size(); i++) {
        compiler.add(i, expressions[i]);
    }
    return compiler.take();
}

} // namespace dropctl::values
