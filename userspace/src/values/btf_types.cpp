// SPDX-License-Identifier: GPL-2.0-only
// Reads BTF in place; linux/btf.h has its layout. Lengths are checked once, when
// the places of the types are noted.
#include "values/btf_types.hpp"

#include "symbols/mapped_elf.hpp"

#include <linux/btf.h>

#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace dropctl::values {

namespace {

constexpr uint16_t magic = 0xeb9f;
constexpr size_t no_size = SIZE_MAX;
constexpr unsigned deepest = 64;

template <typename Record> Record record_at(const char *at) {
    Record record{};
    std::memcpy(&record, at, sizeof(record));
    return record;
}

size_t tail_size(uint32_t kind, size_t count) {
    switch (kind) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
        return sizeof(uint32_t);
    case BTF_KIND_ARRAY:
        return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return count * sizeof(btf_member);
    case BTF_KIND_ENUM:
        return count * sizeof(btf_enum);
    case BTF_KIND_FUNC_PROTO:
        return count * sizeof(btf_param);
    case BTF_KIND_DATASEC:
        return count * sizeof(btf_var_secinfo);
    case BTF_KIND_ENUM64:
        return count * sizeof(btf_enum64);
    default:
        return kind <= BTF_KIND_MAX ? 0 : no_size;
    }
}

TypeKind kind_of(uint32_t kind) {
    switch (kind) {
    case BTF_KIND_INT:
        return TypeKind::Int;
    case BTF_KIND_FLOAT:
        return TypeKind::Float;
    case BTF_KIND_PTR:
        return TypeKind::Pointer;
    case BTF_KIND_ARRAY:
        return TypeKind::Array;
    case BTF_KIND_STRUCT:
        return TypeKind::Struct;
    case BTF_KIND_UNION:
        return TypeKind::Union;
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return TypeKind::Enum;
    case BTF_KIND_TYPEDEF:
        return TypeKind::Typedef;
    case BTF_KIND_FUNC_PROTO:
        return TypeKind::Function;
    default:
        return TypeKind::Void;
    }
}

bool is_qualifier(uint32_t kind) {
    return kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE || kind == BTF_KIND_RESTRICT ||
           kind == BTF_KIND_TYPE_TAG || kind == BTF_KIND_FUNC;
}

bool fits(TypeKind wanted, uint32_t kind) {
    if (wanted == TypeKind::Struct && kind == BTF_KIND_FWD) {
        return false;
    }
    return kind_of(kind) == wanted;
}

std::string read_file(const std::string &path) {
    std::string bytes;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return bytes;
    }
    const off_t size = ::lseek(fd, 0, SEEK_END);
    ::lseek(fd, 0, SEEK_SET);
    bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
    size_t have = 0;
    for (ssize_t got = 0;
         have < bytes.size() && (got = ::read(fd, bytes.data() + have, bytes.size() - have)) > 0;) {
        have += static_cast<size_t>(got);
    }
    ::close(fd);
    bytes.resize(have);
    return bytes;
}

} // namespace

std::unique_ptr<BtfTypes> BtfTypes::read(const std::string &path, BtfTypes *base) {
    symbols::MappedElf elf;
    if (elf.open(path)) {
        const auto section = elf.section(".BTF");
        return section ? parse(std::string(elf.contents(*section)), base) : nullptr;
    }
    return parse(read_file(path), base);
}

std::unique_ptr<BtfTypes> BtfTypes::parse(std::string bytes, BtfTypes *base) {
    std::unique_ptr<BtfTypes> types(new BtfTypes(std::move(bytes), base));
    return types->begin() ? std::move(types) : nullptr;
}

bool BtfTypes::begin() {
    if (bytes_.size() < sizeof(btf_header)) {
        return false;
    }
    const auto header = record_at<btf_header>(bytes_.data());
    const auto holds = [&](uint64_t offset, uint64_t length) {
        return header.hdr_len + offset + length <= bytes_.size();
    };
    if (header.magic != magic || !holds(header.type_off, header.type_len) ||
        !holds(header.str_off, header.str_len) || header.str_len == 0 ||
        bytes_[header.hdr_len + header.str_off + header.str_len - 1] != '\0') {
        return false;
    }
    strings_ = std::string_view(bytes_).substr(header.hdr_len + header.str_off, header.str_len);
    if (base_ != nullptr) {
        first_text_ = base_->first_text_ + static_cast<uint32_t>(base_->strings_.size());
        first_id_ = base_->first_id_ + static_cast<uint32_t>(base_->places_.size());
    }
    size_t at = header.hdr_len + header.type_off;
    const size_t end = at + header.type_len;
    while (end - at >= sizeof(btf_type)) {
        const auto type = record_at<btf_type>(bytes_.data() + at);
        const size_t tail = tail_size(BTF_INFO_KIND(type.info), BTF_INFO_VLEN(type.info));
        if (tail > end - at - sizeof(btf_type)) {
            return false;
        }
        places_.push_back(static_cast<uint32_t>(at));
        at += sizeof(btf_type) + tail;
    }
    return true;
}

/// Null for 0, which is void, and for what is not there.
const char *BtfTypes::record(uint32_t id) const {
    if (id < first_id_) {
        return base_ == nullptr ? nullptr : base_->record(id);
    }
    return id - first_id_ < places_.size() ? bytes_.data() + places_[id - first_id_] : nullptr;
}

std::string_view BtfTypes::text(uint32_t offset) const {
    if (offset < first_text_) {
        return base_ == nullptr ? std::string_view() : base_->text(offset);
    }
    offset -= first_text_;
    return offset < strings_.size() ? std::string_view(strings_.data() + offset)
                                    : std::string_view();
}

/// Where a string stands among this file's own. They are kept once only.
std::optional<uint32_t> BtfTypes::text_offset(std::string_view name) const {
    std::string wanted("\0", 1);
    wanted.append(name).push_back('\0');
    const void *found = ::memmem(strings_.data(), strings_.size(), wanted.data(), wanted.size());
    if (found == nullptr) {
        return std::nullopt;
    }
    return first_text_ +
           static_cast<uint32_t>(static_cast<const char *>(found) - strings_.data() + 1);
}

/// Looking through all types for one takes half a millisecond; a trace asks for the
/// prototypes of a hundred functions.
void BtfTypes::index_names() const {
    if (!next_named_.empty()) {
        return;
    }
    named_.resize(first_text_ + strings_.size());
    next_named_.resize(places_.size() + 1);
    for (size_t i = places_.size(); i-- > 0;) {
        const uint32_t name = record_at<btf_type>(bytes_.data() + places_[i]).name_off;
        if (name != 0 && name < named_.size()) {
            next_named_[i] = named_[name];
            named_[name] = static_cast<uint32_t>(i + 1);
        }
    }
}

/// 0: none. The name of a module's type may be a string of the kernel's.
uint32_t BtfTypes::find_id(uint32_t btf_kind, std::string_view name) const {
    index_names();
    for (const BtfTypes *from : {this, static_cast<const BtfTypes *>(base_)}) {
        const auto offset = from == nullptr ? std::nullopt : from->text_offset(name);
        for (uint32_t at = offset ? named_[*offset] : 0; at != 0; at = next_named_[at - 1]) {
            const auto type = record_at<btf_type>(bytes_.data() + places_[at - 1]);
            if (BTF_INFO_KIND(type.info) == btf_kind) {
                return first_id_ + at - 1;
            }
        }
    }
    return 0;
}

uint32_t BtfTypes::real(uint32_t id) const {
    for (unsigned i = 0; i < deepest; i++) {
        const char *at = record(id);
        if (at == nullptr || !is_qualifier(BTF_INFO_KIND(record_at<btf_type>(at).info))) {
            return id;
        }
        id = record_at<btf_type>(at).type;
    }
    return 0;
}

const Type &BtfTypes::type(uint32_t id) {
    id = real(id);
    if (id < first_id_ && base_ != nullptr) {
        return base_->type(id);
    }
    if (record(id) == nullptr) {
        return void_type();
    }
    std::unique_ptr<Type> &known = types_[id];
    if (!known) {
        known = std::make_unique<Type>(facts(id), this, id);
    }
    return *known;
}

TypeFacts BtfTypes::facts(uint32_t id) const {
    const char *at = record(id);
    const auto type = record_at<btf_type>(at);
    const uint32_t kind = BTF_INFO_KIND(type.info);
    TypeFacts facts{.kind = kind_of(kind)};
    facts.name = text(type.name_off);
    switch (kind) {
    case BTF_KIND_INT: {
        const auto encoding = record_at<uint32_t>(at + sizeof(btf_type));
        facts.is_signed = (BTF_INT_ENCODING(encoding) & BTF_INT_SIGNED) != 0;
        facts.is_bool = (BTF_INT_ENCODING(encoding) & BTF_INT_BOOL) != 0;
        facts.is_char = facts.name == "char";
        facts.size = type.size;
        break;
    }
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        facts.is_signed = BTF_INFO_KFLAG(type.info) != 0;
        facts.size = type.size;
        break;
    case BTF_KIND_PTR:
        facts.size = sizeof(uint64_t);
        break;
    case BTF_KIND_ARRAY:
        facts.count = record_at<btf_array>(at + sizeof(btf_type)).nelems;
        break;
    case BTF_KIND_FWD:
        facts.kind = BTF_INFO_KFLAG(type.info) != 0 ? TypeKind::Union : TypeKind::Struct;
        facts.declared = true;
        break;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_FLOAT:
        facts.size = type.size;
        break;
    default:
        break;
    }
    return facts;
}

const Type *BtfTypes::find(TypeKind kind, std::string_view name) {
    static constexpr uint32_t kinds[] = {BTF_KIND_INT,    BTF_KIND_FLOAT, BTF_KIND_STRUCT,
                                         BTF_KIND_UNION,  BTF_KIND_ENUM,  BTF_KIND_ENUM64,
                                         BTF_KIND_TYPEDEF};
    for (const uint32_t each : kinds) {
        if (!fits(kind, each)) {
            continue;
        }
        if (const uint32_t id = find_id(each, name); id != 0) {
            return &type(id);
        }
    }
    return base_ == nullptr ? nullptr : base_->find(kind, name);
}

const Type *BtfTypes::function(std::string_view name) {
    if (const uint32_t id = find_id(BTF_KIND_FUNC, name); id != 0) {
        return &type(id);
    }
    return base_ == nullptr ? nullptr : base_->function(name);
}

const Type *BtfTypes::variable(std::string_view name) {
    if (const uint32_t id = find_id(BTF_KIND_VAR, name); id != 0) {
        return &type(record_at<btf_type>(record(id)).type);
    }
    return base_ == nullptr ? nullptr : base_->variable(name);
}

std::optional<int64_t> BtfTypes::enumerator(std::string_view name) {
    std::optional<uint32_t> own = text_offset(name);
    std::optional<uint32_t> shared = base_ == nullptr ? std::nullopt : base_->text_offset(name);
    for (size_t i = 0; (own || shared) && i < places_.size(); i++) {
        const char *at = bytes_.data() + places_[i];
        const auto type = record_at<btf_type>(at);
        const uint32_t kind = BTF_INFO_KIND(type.info);
        if (kind != BTF_KIND_ENUM && kind != BTF_KIND_ENUM64) {
            continue;
        }
        const size_t step = kind == BTF_KIND_ENUM ? sizeof(btf_enum) : sizeof(btf_enum64);
        for (uint32_t j = 0; j < BTF_INFO_VLEN(type.info); j++) {
            const auto offset = record_at<uint32_t>(at + sizeof(btf_type) + j * step);
            if (offset == own || offset == shared) {
                const Type &found = this->type(first_id_ + static_cast<uint32_t>(i));
                return found.enumerators()[j].value;
            }
        }
    }
    return base_ == nullptr ? std::nullopt : base_->enumerator(name);
}

const Type *BtfTypes::target(const Type &type) {
    const char *at = record(static_cast<uint32_t>(type.id()));
    if (type.kind() == TypeKind::Array) {
        return &this->type(record_at<btf_array>(at + sizeof(btf_type)).type);
    }
    return &this->type(record_at<btf_type>(at).type);
}

std::vector<Member> BtfTypes::members(const Type &type) {
    std::vector<Member> found;
    if (!type.is_struct() || type.declared()) {
        return found;
    }
    const char *at = record(static_cast<uint32_t>(type.id()));
    const auto head = record_at<btf_type>(at);
    for (uint32_t i = 0; i < BTF_INFO_VLEN(head.info); i++) {
        const auto each = record_at<btf_member>(at + sizeof(btf_type) + i * sizeof(btf_member));
        Member member{.name = std::string(text(each.name_off)), .type = &this->type(each.type)};
        uint64_t bits = each.offset;
        if (BTF_INFO_KFLAG(head.info) != 0) {
            member.bits = BTF_MEMBER_BITFIELD_SIZE(each.offset);
            bits = BTF_MEMBER_BIT_OFFSET(each.offset);
        }
        member.offset = bits / 8;
        if (member.bits != 0) {
            const uint64_t unit = member.type->size() == 0 ? 8 : member.type->size() * 8;
            member.offset = bits / unit * (unit / 8);
            member.bit_from = static_cast<uint32_t>(bits % unit);
            if (member.bit_from + member.bits > unit) {
                member.offset = bits / 8;
                member.bit_from = static_cast<uint32_t>(bits % 8);
            }
        }
        found.push_back(std::move(member));
    }
    return found;
}

std::vector<Enumerator> BtfTypes::enumerators(const Type &type) {
    std::vector<Enumerator> found;
    if (type.kind() != TypeKind::Enum) {
        return found;
    }
    const char *at = record(static_cast<uint32_t>(type.id()));
    const auto head = record_at<btf_type>(at);
    at += sizeof(btf_type);
    for (uint32_t i = 0; i < BTF_INFO_VLEN(head.info); i++) {
        if (BTF_INFO_KIND(head.info) == BTF_KIND_ENUM) {
            const auto each = record_at<btf_enum>(at + i * sizeof(btf_enum));
            // Older pahole set no sign flag: a negative number may come as itself either way.
            const int64_t value =
                type.is_signed() ? each.val : int64_t{static_cast<uint32_t>(each.val)};
            found.push_back({.name = std::string(text(each.name_off)), .value = value});
        } else {
            const auto each = record_at<btf_enum64>(at + i * sizeof(btf_enum64));
            const uint64_t value = (uint64_t{each.val_hi32} << 32) | each.val_lo32;
            found.push_back(
                {.name = std::string(text(each.name_off)), .value = static_cast<int64_t>(value)});
        }
    }
    return found;
}

std::vector<Parameter> BtfTypes::parameters(const Type &type) {
    std::vector<Parameter> found;
    if (type.kind() != TypeKind::Function) {
        return found;
    }
    const char *at = record(static_cast<uint32_t>(type.id()));
    const auto head = record_at<btf_type>(at);
    for (uint32_t i = 0; i < BTF_INFO_VLEN(head.info); i++) {
        const auto each = record_at<btf_param>(at + sizeof(btf_type) + i * sizeof(btf_param));
        if (each.name_off != 0 || each.type != 0) { // else it is "..."
            found.push_back(
                {.name = std::string(text(each.name_off)), .type = &this->type(each.type)});
        }
    }
    return found;
}

} // namespace dropctl::values
