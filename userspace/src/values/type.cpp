// SPDX-License-Identifier: GPL-2.0-only
// Types: what is asked of them whatever they came from, and how C writes them.
#include "values/type.hpp"

namespace dropctl::values {

namespace {

constexpr unsigned deepest = 64; ///< typedefs of typedefs; more is broken information

/// The part of a declaration that stands to the left of a name.
std::string base_text(const Type &type) {
    std::string name = type.name().empty() ? "{...}" : type.name();
    switch (type.kind()) {
    case TypeKind::Void:
        return "void";
    case TypeKind::Struct:
        return "struct " + name;
    case TypeKind::Union:
        return "union " + name;
    case TypeKind::Enum:
        return "enum " + name;
    default:
        return name;
    }
}

std::string parameter_list(const Type &function) {
    std::string text;
    for (const Parameter &parameter : function.parameters()) {
        text += (text.empty() ? "" : ", ") + parameter.type->text();
    }
    return text.empty() ? "void" : text;
}

std::string declare(const Type &type, std::string inner, unsigned depth) {
    if (depth > deepest) {
        return inner;
    }
    switch (type.kind()) {
    case TypeKind::Pointer: {
        const TypeKind target = type.target().kind();
        const bool bind = target == TypeKind::Array || target == TypeKind::Function;
        return declare(type.target(), bind ? "(*" + inner + ")" : "*" + inner, depth + 1);
    }
    case TypeKind::Array: {
        const std::string count = type.count() == 0 ? "" : std::to_string(type.count());
        return declare(type.target(), inner + "[" + count + "]", depth + 1);
    }
    case TypeKind::Function:
        return declare(type.target(), inner + "(" + parameter_list(type) + ")", depth + 1);
    default: {
        const std::string base = base_text(type);
        return inner.empty() ? base : base + (inner[0] == '[' ? "" : " ") + inner;
    }
    }
}

} // namespace

uint64_t Type::size() const {
    if (facts_.kind == TypeKind::Typedef) {
        return bare().kind() == TypeKind::Typedef ? 0 : bare().size();
    }
    return facts_.kind == TypeKind::Array ? facts_.count * target().size() : facts_.size;
}

const Type &Type::target() const {
    if (target_ == nullptr) {
        target_ = source_ == nullptr ? nullptr : source_->target(*this);
        if (target_ == nullptr) {
            target_ = &void_type();
        }
    }
    return *target_;
}

const std::vector<Member> &Type::members() const {
    if (!members_) {
        members_ = source_ == nullptr ? std::vector<Member>() : source_->members(*this);
    }
    return *members_;
}

const std::vector<Enumerator> &Type::enumerators() const {
    if (!enumerators_) {
        enumerators_ = source_ == nullptr ? std::vector<Enumerator>() : source_->enumerators(*this);
    }
    return *enumerators_;
}

const std::vector<Parameter> &Type::parameters() const {
    if (!parameters_) {
        parameters_ = source_ == nullptr ? std::vector<Parameter>() : source_->parameters(*this);
    }
    return *parameters_;
}

const Type &Type::bare() const {
    const Type *type = this;
    for (unsigned i = 0; i < deepest && type->kind() == TypeKind::Typedef; i++) {
        type = &type->target();
    }
    return *type;
}

bool Type::is_struct() const {
    return is(TypeKind::Struct) || is(TypeKind::Union);
}

bool Type::is_number() const {
    return is(TypeKind::Int) || is(TypeKind::Enum);
}

bool Type::is_pointer_to(std::string_view struct_name) const {
    return is(TypeKind::Pointer) && bare().target().is_struct() &&
           bare().target().bare().name() == struct_name;
}

bool Type::is_named(std::string_view name) const {
    const Type *type = this;
    for (unsigned i = 0; i < deepest; i++) {
        if (type->name() == name) {
            return true;
        }
        if (type->kind() != TypeKind::Typedef) {
            return false;
        }
        type = &type->target();
    }
    return false;
}

std::string Type::text() const {
    return declare(*this, {}, 0);
}

std::string Type::declaration(std::string_view name) const {
    return declare(*this, std::string(name), 0);
}

const Type &void_type() {
    static const Type type({.kind = TypeKind::Void, .name = "void"}, nullptr, 0);
    return type;
}

} // namespace dropctl::values
