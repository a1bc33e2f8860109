// SPDX-License-Identifier: GPL-2.0-only
// Types out of BTF: of the kernel, where it is complete, or of a module, which
// continues the kernel's. Only the place of each type is noted at first (a
// millisecond for the kernel's 130000); names are looked for when asked.
#pragma once

#include "values/type.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dropctl::values {

class BtfTypes : public TypeSource {
  public:
    /// From the bytes of a BTF file; `base`: the kernel's, where this is a module's. Null
    /// if they make no sense.
    static std::unique_ptr<BtfTypes> parse(std::string bytes, BtfTypes *base);
    /// From a file with raw BTF, or an ELF file that has a section of it.
    static std::unique_ptr<BtfTypes> read(const std::string &path, BtfTypes *base);

    const Type &type(uint32_t id);
    /// A type with a name, of this file first, then of the base. Null: none.
    const Type *find(TypeKind kind, std::string_view name);
    /// The prototype of a function (its parameters have names). Null: none.
    const Type *function(std::string_view name);
    /// The type of a variable; only per-CPU variables are in BTF. Null: none.
    const Type *variable(std::string_view name);
    std::optional<int64_t> enumerator(std::string_view name);

    const Type *target(const Type &type) override;
    std::vector<Member> members(const Type &type) override;
    std::vector<Enumerator> enumerators(const Type &type) override;
    std::vector<Parameter> parameters(const Type &type) override;

  private:
    BtfTypes(std::string bytes, BtfTypes *base) : bytes_(std::move(bytes)), base_(base) {}
    bool begin();
    [[nodiscard]] const char *record(uint32_t id) const;
    [[nodiscard]] std::string_view text(uint32_t offset) const;
    [[nodiscard]] std::optional<uint32_t> text_offset(std::string_view name) const;
    [[nodiscard]] uint32_t find_id(uint32_t btf_kind, std::string_view name) const;
    [[nodiscard]] uint32_t real(uint32_t id) const;
    void index_names() const;
    [[nodiscard]] TypeFacts facts(uint32_t id) const;

    std::string bytes_;
    BtfTypes *base_;
    std::string_view strings_;
    uint32_t first_text_ = 0; ///< where this file's strings begin, behind the base's
    uint32_t first_id_ = 1;
    std::vector<uint32_t> places_; ///< in bytes_, by id less first_id_
    // Types by the offset of their names; made once a name is looked for. 0: none, else
    // the index in places_ plus one.
    mutable std::vector<uint32_t> named_;
    mutable std::vector<uint32_t> next_named_; ///< parallel to places_: of the same name
    std::unordered_map<uint32_t, std::unique_ptr<Type>> types_;
};

} // namespace dropctl::values
