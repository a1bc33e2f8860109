// SPDX-License-Identifier: GPL-2.0-only
// Types of kernel code as expressions and renderers see them, whether they came
// from DWARF or from BTF. What a type refers to (a pointer's target, the members
// of a struct) is read when it is first asked for: the whole is never loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dropctl::values {

class Type;

/// A member of a struct or union. Names of anonymous structs and unions are empty.
struct Member {
    std::string name;
    const Type *type = nullptr;
    uint64_t offset = 0;   ///< bytes; of a bit-field: of the bytes that hold it
    uint32_t bits = 0;     ///< width of a bit-field, 0: it is none
    uint32_t bit_from = 0; ///< of a bit-field: the lowest bit, counted from `offset`
};

struct Enumerator {
    std::string name;
    int64_t value = 0;
};

struct Parameter {
    std::string name; ///< empty: has none
    const Type *type = nullptr;
};

enum class TypeKind {
    Void,
    Int, ///< characters too, and bool: see is_bool(), is_char()
    Float,
    Enum,
    Pointer,
    Array,
    Struct,
    Union,
    Function,
    Typedef,
};

/// Reads the parts of types; one for each kind of type information.
class TypeSource {
  public:
    virtual ~TypeSource() = default;
    virtual const Type *target(const Type &type) = 0;
    virtual std::vector<Member> members(const Type &type) = 0;
    virtual std::vector<Enumerator> enumerators(const Type &type) = 0;
    virtual std::vector<Parameter> parameters(const Type &type) = 0;
};

/// What a type is by itself.
struct TypeFacts {
    TypeKind kind = TypeKind::Void;
    std::string name;   ///< without "struct"; empty: anonymous, or made of others
    uint64_t size = 0;  ///< bytes, 0: not known
    uint64_t count = 0; ///< elements of an array, 0: not said
    bool is_signed = false;
    bool is_bool = false;
    bool is_char = false;
    bool declared = false; ///< a struct, union or enum of which only the name is known here
};

/// Belongs to the Types it came from, and is valid as long as those. Qualifiers
/// (const, volatile) are left out.
class Type {
  public:
    /// Part `id` of a source that outlives it.
    Type(TypeFacts facts, TypeSource *source, uint64_t id)
        : facts_(std::move(facts)), source_(source), id_(id) {}
    Type(const Type &) = delete;
    Type &operator=(const Type &) = delete;

    [[nodiscard]] TypeKind kind() const { return facts_.kind; }
    [[nodiscard]] const std::string &name() const { return facts_.name; }
    [[nodiscard]] bool is_signed() const { return facts_.is_signed; }
    [[nodiscard]] bool is_bool() const { return facts_.is_bool; }
    [[nodiscard]] bool is_char() const { return facts_.is_char; }
    [[nodiscard]] bool declared() const { return facts_.declared; }
    [[nodiscard]] uint64_t count() const { return facts_.count; }
    [[nodiscard]] uint64_t id() const { return id_; }
    /// Bytes; of a typedef or an array, those of what it stands for.
    [[nodiscard]] uint64_t size() const;

    /// What a pointer points to, an array consists of, a typedef stands for, a
    /// function returns. Never null: what is not known is void.
    [[nodiscard]] const Type &target() const;
    [[nodiscard]] const std::vector<Member> &members() const;
    [[nodiscard]] const std::vector<Enumerator> &enumerators() const;
    [[nodiscard]] const std::vector<Parameter> &parameters() const;

    /// The type behind typedefs.
    [[nodiscard]] const Type &bare() const;
    [[nodiscard]] bool is(TypeKind kind) const { return bare().kind() == kind; }
    [[nodiscard]] bool is_struct() const; ///< or a union
    [[nodiscard]] bool is_number() const; ///< an integer, bool or enum
    [[nodiscard]] bool is_pointer_to(std::string_view struct_name) const;
    /// One of the typedefs that this is a name of (__be32), itself included.
    [[nodiscard]] bool is_named(std::string_view name) const;
    /// As C writes it: "struct sk_buff *", "unsigned char[6]".
    [[nodiscard]] std::string text() const;
    /// A declaration of `name`: "unsigned char addr[6]".
    [[nodiscard]] std::string declaration(std::string_view name) const;

  private:
    TypeFacts facts_;
    TypeSource *source_;
    uint64_t id_;
    mutable const Type *target_ = nullptr;
    mutable std::optional<std::vector<Member>> members_;
    mutable std::optional<std::vector<Enumerator>> enumerators_;
    mutable std::optional<std::vector<Parameter>> parameters_;
};

/// "void".
const Type &void_type();

} // namespace dropctl::values
