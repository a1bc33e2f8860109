// SPDX-License-Identifier: GPL-2.0-only
// A program of small functions that drop packets (tests/data/slice), built with the
// compiler at hand, taken apart by the code model as if it were the kernel.
#pragma once

#include "code/cfg_builder.hpp"
#include "code/function.hpp"
#include "slice/listing.hpp"
#include "symbols/dwarf_unit.hpp"
#include "symbols/symbol_name.hpp"

#include <elf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace dropctl::test {

/// The code of an executable that is loaded where it was linked to.
class ProgramCode : public code::CodeView {
  public:
    explicit ProgramCode(const std::string &path) {
        std::ifstream in(path, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(in), {});
        if (bytes_.size() < sizeof(Elf64_Ehdr)) {
            throw std::runtime_error("no program");
        }
        read_segments();
        read_symbols();
    }

    bool read(uint64_t address, std::span<uint8_t> to) override {
        for (const Segment &segment : segments_) {
            if (segment.address <= address &&
                address + to.size() <= segment.address + segment.size) {
                std::memcpy(to.data(), bytes_.data() + segment.offset + (address - segment.address),
                            to.size());
                return true;
            }
        }
        return false;
    }
    bool read_original(uint64_t address, std::span<uint8_t> to) override {
        return read(address, to);
    }
    std::optional<code::CodeSymbol> symbol_at(uint64_t address) override {
        for (const code::CodeSymbol &symbol : symbols_) {
            if (symbol.address <= address && address < symbol.end) {
                return symbol;
            }
        }
        return std::nullopt;
    }
    code::TrapKind trap_at(uint64_t) override { return code::TrapKind::Dies; }
    std::vector<std::pair<uint64_t, uint64_t>> fixups(const code::Range &) override { return {}; }
    std::vector<code::StaticBranch> static_branches(const code::Range &) override { return {}; }

    [[nodiscard]] const std::vector<code::CodeSymbol> &symbols() const { return symbols_; }
    [[nodiscard]] uint64_t address_of(const std::string &name) const {
        for (const code::CodeSymbol &symbol : symbols_) {
            if (symbol.name == name) {
                return symbol.address;
            }
        }
        return 0;
    }

  private:
    static constexpr uint64_t thunk_size = 17; ///< as gcc makes them
    struct Segment {
        uint64_t address;
        uint64_t size;
        uint64_t offset;
    };
    template <typename T> [[nodiscard]] T at(uint64_t offset) const {
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(value));
        return value;
    }
    void read_segments() {
        const auto header = at<Elf64_Ehdr>(0);
        for (unsigned i = 0; i < header.e_phnum; ++i) {
            const auto part = at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
            if (part.p_type == PT_LOAD) {
                segments_.push_back({part.p_vaddr, part.p_filesz, part.p_offset});
            }
        }
    }
    void read_symbols() {
        const auto header = at<Elf64_Ehdr>(0);
        for (unsigned i = 0; i < header.e_shnum; ++i) {
            const auto section = at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
            if (section.sh_type != SHT_SYMTAB) {
                continue;
            }
            const auto names =
                at<Elf64_Shdr>(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
            for (uint64_t n = 0; n < section.sh_size / sizeof(Elf64_Sym); ++n) {
                const auto symbol = at<Elf64_Sym>(section.sh_offset + n * sizeof(Elf64_Sym));
                if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
                    code::CodeSymbol made{.address = symbol.st_value,
                                          .end = symbol.st_value + symbol.st_size,
                                          .name = bytes_.data() + names.sh_offset + symbol.st_name,
                                          .module = {}};
                    if (made.name.starts_with("__x86_indirect_thunk_")) {
                        made.end = made.address + thunk_size;
                    }
                    symbols_.push_back(std::move(made));
                }
            }
        }
    }

    std::vector<char> bytes_;
    std::vector<Segment> segments_;
    std::vector<code::CodeSymbol> symbols_;
};

/// The built program with its functions.
class SliceProgram {
  public:
    /// @param options further ones for the compiler
    explicit SliceProgram(const std::string &options = "") {
        std::string name =
            (std::filesystem::temp_directory_path() / "dropctl-slice-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        path_ = directory_ + "/cases";
        const std::string sources = std::string(DROPCTL_TEST_DATA) + "/slice/";
        std::string command = "cd " + sources +
                              " && gcc -O2 -g -std=gnu11 -no-pie -fno-pie -mno-sse -mno-red-zone"
                              " -fcf-protection=none -fno-stack-protector -fno-ipa-ra"
                              " -fno-strict-aliasing -fno-delete-null-pointer-checks"
                              " -fno-asynchronous-unwind-tables -fpatchable-function-entry=5 " +
                              options + " -o " + path_;
        for (const auto &entry : std::filesystem::directory_iterator(sources)) {
            if (entry.path().extension() == ".c") {
                command += " " + entry.path().filename().string();
            }
        }
        built_ = std::system(command.c_str()) == 0;
        if (!built_) {
            return;
        }
        code_ = std::make_unique<ProgramCode>(path_);
        file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        dwarf_ = dwarf_begin(file_, DWARF_C_READ);
    }
    ~SliceProgram() {
        if (dwarf_ != nullptr) {
            dwarf_end(dwarf_);
        }
        if (file_ >= 0) {
            ::close(file_);
        }
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    SliceProgram(const SliceProgram &) = delete;
    SliceProgram &operator=(const SliceProgram &) = delete;

    [[nodiscard]] bool built() const { return built_; }
    [[nodiscard]] const std::string &path() const { return path_; }
    [[nodiscard]] ProgramCode &code() { return *code_; }

    /// The function that begins at an address, null: none, or one of runtime.c.
    const slice::Listing *listing(uint64_t address) {
        const auto found = listings_.find(address);
        if (found != listings_.end()) {
            return found->second ? &found->second->listing : nullptr;
        }
        listings_[address] = make(address);
        return listings_[address] ? &listings_[address]->listing : nullptr;
    }

  private:
    struct Made {
        code::Function function;
        slice::Listing listing;
    };
    std::unique_ptr<Made> make(uint64_t address) {
        const auto symbol = code_->symbol_at(address);
        if (!symbol || symbol->address != address || symbol->name.starts_with("run_")) {
            return nullptr;
        }
        auto made = std::make_unique<Made>();
        made->function.lines = lines(address);
        if (made->function.lines.empty() ||
            std::any_of(made->function.lines.files.begin(), made->function.lines.files.end(),
                        [](const std::string &file) {
                            return file.find("runtime.c") != std::string::npos;
                        })) {
            return nullptr;
        }
        code::Decoder decoder;
        auto built = code::build_cfg(*code_, decoder, *symbol);
        if (!built) {
            return nullptr;
        }
        made->function.symbol = symbol->name;
        made->function.function = symbols::without_suffixes(symbol->name);
        made->function.address = address;
        made->function.end = symbol->end;
        made->function.cfg = std::move(built->cfg);
        made->function.entry_point = built->entry_point;
        made->listing = operations_.list(made->function);
        return made;
    }
    symbols::LineTable lines(uint64_t address) {
        Dwarf_Die die;
        if (dwarf_ == nullptr || dwarf_addrdie(dwarf_, address, &die) == nullptr) {
            return {};
        }
        symbols::DwarfUnit unit(die);
        return unit.line_table(symbols::DwarfAddress{address});
    }

    std::string directory_;
    std::string path_;
    bool built_ = false;
    int file_ = -1;
    Dwarf *dwarf_ = nullptr;
    std::unique_ptr<ProgramCode> code_;
    slice::OperationDecoder operations_;
    std::map<uint64_t, std::unique_ptr<Made>> listings_;
};

} // namespace dropctl::test
