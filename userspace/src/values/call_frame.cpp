// SPDX-License-Identifier: GPL-2.0-only
// Finds the entry (FDE) of an address and runs its instructions up to there,
// heeding only those that move the frame address.
#include "values/call_frame.hpp"

#include <dwarf.h>
#include <gelf.h>

#include <cstring>
#include <vector>

namespace dropctl::values {

namespace {

/// Reads numbers; what would be beyond the end is 0, and remembered.
class Bytes {
  public:
    explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

    template <typename Number> Number number() {
        Number value{};
        if (const auto part = take(sizeof(value)); part.size() == sizeof(value)) {
            std::memcpy(&value, part.data(), sizeof(value));
        }
        return value;
    }
    uint64_t uleb() {
        uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = number<uint8_t>();
            value |= shift < 64 ? static_cast<uint64_t>(byte & 0x7f) << shift : 0;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
    }
    int64_t sleb() {
        uint64_t value = 0;
        for (unsigned shift = 0;;) {
            const auto byte = number<uint8_t>();
            value |= shift < 64 ? static_cast<uint64_t>(byte & 0x7f) << shift : 0;
            shift += 7;
            if ((byte & 0x80) == 0) {
                const bool negative = (byte & 0x40) != 0 && shift < 64;
                return static_cast<int64_t>(negative ? value | (~uint64_t{0} << shift) : value);
            }
        }
    }
    std::string_view take(size_t length) {
        if (length > bytes_.size()) {
            bytes_ = {};
            failed_ = true;
            return {};
        }
        const auto part = bytes_.substr(0, length);
        bytes_.remove_prefix(length);
        return part;
    }
    std::string_view rest() const { return bytes_; }
    bool more() const { return !bytes_.empty(); }
    bool failed() const { return failed_; }

  private:
    std::string_view bytes_;
    bool failed_ = false;
};

struct Common {
    uint64_t code_factor = 1;
    int64_t data_factor = 1;
    std::string_view instructions;
};

std::optional<Common> read_common(std::string_view section, uint64_t offset) {
    if (offset >= section.size()) {
        return std::nullopt;
    }
    Bytes head(section.substr(offset));
    Bytes bytes(head.take(head.number<uint32_t>()));
    if (bytes.number<uint32_t>() != 0xffffffff) {
        return std::nullopt;
    }
    const auto version = bytes.number<uint8_t>();
    if (bytes.number<char>() != '\0') {
        return std::nullopt; // an augmentation, as .eh_frame has
    }
    if (version >= 4) {
        bytes.take(2); // sizes of addresses and segments
    }
    Common common;
    common.code_factor = bytes.uleb();
    common.data_factor = bytes.sleb();
    version == 1 ? bytes.number<uint8_t>() : bytes.uleb();
    common.instructions = bytes.rest();
    return bytes.failed() ? std::nullopt : std::optional(common);
}

/// Runs call frame instructions.
class Rows {
  public:
    Rows(const Common &common, uint64_t start, uint64_t wanted)
        : common_(common), at_(start), wanted_(wanted) {}

    /// False: something that is not understood.
    bool run(std::string_view instructions) {
        Bytes bytes(instructions);
        while (bytes.more() && at_ <= wanted_) {
            if (!step(bytes)) {
                return false;
            }
        }
        return !bytes.failed();
    }
    FrameBase base;

  private:
    /// Rows from here on are of later addresses.
    void advance(uint64_t delta) { at_ += delta * common_.code_factor; }

    bool step(Bytes &bytes) {
        const auto op = bytes.number<uint8_t>();
        switch (op & 0xc0) {
        case DW_CFA_advance_loc:
            advance(op & 0x3f);
            return true;
        case DW_CFA_offset:
            bytes.uleb();
            return true;
        case DW_CFA_restore:
            return true;
        default:
            return extended_step(op, bytes);
        }
    }

    bool extended_step(uint8_t op, Bytes &bytes) {
        switch (op) {
        case DW_CFA_nop:
            return true;
        case DW_CFA_set_loc:
            at_ = bytes.number<uint64_t>();
            return true;
        case DW_CFA_advance_loc1:
            advance(bytes.number<uint8_t>());
            return true;
        case DW_CFA_advance_loc2:
            advance(bytes.number<uint16_t>());
            return true;
        case DW_CFA_advance_loc4:
            advance(bytes.number<uint32_t>());
            return true;
        case DW_CFA_def_cfa:
            base.reg = static_cast<unsigned>(bytes.uleb());
            base.offset = static_cast<int64_t>(bytes.uleb());
            return true;
        case DW_CFA_def_cfa_sf:
            base.reg = static_cast<unsigned>(bytes.uleb());
            base.offset = bytes.sleb() * common_.data_factor;
            return true;
        case DW_CFA_def_cfa_register:
            base.reg = static_cast<unsigned>(bytes.uleb());
            return true;
        case DW_CFA_def_cfa_offset:
            base.offset = static_cast<int64_t>(bytes.uleb());
            return true;
        case DW_CFA_def_cfa_offset_sf:
            base.offset = bytes.sleb() * common_.data_factor;
            return true;
        case DW_CFA_remember_state:
            kept_.push_back(base);
            return true;
        case DW_CFA_restore_state:
            if (kept_.empty()) {
                return false;
            }
            base = kept_.back();
            kept_.pop_back();
            return true;
        case DW_CFA_restore_extended:
        case DW_CFA_undefined:
        case DW_CFA_same_value:
        case DW_CFA_GNU_args_size:
            bytes.uleb();
            return true;
        case DW_CFA_offset_extended:
        case DW_CFA_register:
        case DW_CFA_val_offset:
            bytes.uleb();
            bytes.uleb();
            return true;
        case DW_CFA_offset_extended_sf:
        case DW_CFA_val_offset_sf:
            bytes.uleb();
            bytes.sleb();
            return true;
        case DW_CFA_expression:
        case DW_CFA_val_expression:
            bytes.uleb();
            bytes.take(bytes.uleb());
            return true;
        default: // an expression as the frame address among them
            return false;
        }
    }

    const Common &common_;
    uint64_t at_;
    uint64_t wanted_;
    std::vector<FrameBase> kept_;
};

} // namespace

CallFrames::CallFrames(Elf *elf) : section_(section_of(elf, ".debug_frame")) {}

bool CallFrames::find(uint64_t address) {
    for (Bytes all(section_); all.more();) {
        Bytes bytes(all.take(all.number<uint32_t>()));
        Entry entry;
        entry.common = bytes.number<uint32_t>();
        entry.start = bytes.number<uint64_t>();
        entry.length = bytes.number<uint64_t>();
        entry.instructions = bytes.rest();
        constexpr uint32_t is_common = 0xffffffff;
        if (entry.common != is_common && !bytes.failed() && entry.holds(address)) {
            entry_ = entry;
            return true;
        }
    }
    return false;
}

std::optional<FrameBase> CallFrames::base_at(uint64_t address) {
    if (!entry_.holds(address) && !find(address)) {
        return std::nullopt;
    }
    const auto common = read_common(section_, entry_.common);
    if (!common) {
        return std::nullopt;
    }
    Rows rows(*common, entry_.start, address);
    if (!rows.run(common->instructions) || !rows.run(entry_.instructions)) {
        return std::nullopt;
    }
    return rows.base;
}

namespace {

Elf_Scn *find_section(Elf *elf, std::string_view name, GElf_Shdr &header) {
    size_t names = 0;
    if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0) {
        return nullptr;
    }
    for (Elf_Scn *section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
        const char *text = gelf_getshdr(section, &header) == nullptr
                               ? nullptr
                               : elf_strptr(elf, names, header.sh_name);
        if (text != nullptr && name == text) {
            return section;
        }
    }
    return nullptr;
}

} // namespace

std::string_view section_of(Elf *elf, std::string_view name) {
    GElf_Shdr header;
    Elf_Scn *section = find_section(elf, name, header);
    // Relocated contents are in the converted data, not in the file.
    const Elf_Data *data = section == nullptr ? nullptr : elf_getdata(section, nullptr);
    return data == nullptr || data->d_buf == nullptr
               ? std::string_view()
               : std::string_view(static_cast<const char *>(data->d_buf), data->d_size);
}

bool section_holds(Elf *elf, std::string_view name, uint64_t address, uint64_t &start) {
    GElf_Shdr header;
    if (find_section(elf, name, header) == nullptr) {
        return false;
    }
    start = header.sh_addr;
    return address >= header.sh_addr && address - header.sh_addr < header.sh_size;
}

} // namespace dropctl::values
