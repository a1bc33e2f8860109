// SPDX-License-Identifier: GPL-2.0-only
// Puts the parts together: symbols, bytes and tables of the running kernel under
// the graph builder, lines of the debug information beside it.
#include "code/kernel_code.hpp"

#include "code/cfg_builder.hpp"
#include "code/code_tables.hpp"
#include "code/function_finder.hpp"
#include "code/image_file.hpp"
#include "code/live_text.hpp"
#include "symbols/debug_hint.hpp"
#include "symbols/debug_images.hpp"
#include "symbols/kallsyms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

namespace dropctl::code {

namespace {

/// Four bytes that are the address, or how far it is from behind them.
void find_mentions(std::span<const uint8_t> bytes, uint64_t at, uint64_t address,
                   std::vector<uint64_t> &found) {
    for (size_t i = 0; i + sizeof(uint32_t) <= bytes.size(); ++i) {
        uint32_t number = 0;
        std::memcpy(&number, bytes.data() + i, sizeof(number));
        const uint64_t behind = at + i + sizeof(number);
        const bool absolute = number == static_cast<uint32_t>(address);
        const bool relative = number == static_cast<uint32_t>(address - behind);
        if (!absolute && !relative) {
            continue;
        }
        // call, jmp and jcc
        const bool jumps =
            i > 0 && (bytes[i - 1] == 0xe8 || bytes[i - 1] == 0xe9 ||
                      (i > 1 && bytes[i - 2] == 0x0f && (bytes[i - 1] & 0xf0) == 0x80));
        if (absolute || !jumps) {
            found.push_back(at + i);
        }
    }
}

} // namespace

class KernelCode::Impl : public CodeView {
  public:
    explicit Impl(CodeOptions options)
        : options_(std::move(options)),
          kallsyms_(options_.symbols.kallsyms, options_.symbols.modules), images_(options_.symbols),
          files_(options_.symbols), live_(options_.kcore),
          finder_(kallsyms_, [this](const std::string &module) { return image(module); }) {}

    symbols::PlacedImage image(const std::string &module) {
        return module.empty() ? images_.kernel(kallsyms_.kernel_start()) : images_.module(module);
    }

    FunctionFinder &finder() { return finder_; }
    symbols::Kallsyms &kallsyms() { return kallsyms_; }
    [[nodiscard]] ByteSource source() const { return source_; }
    [[nodiscard]] std::string hint() const;

    Result<Function> function(const Instance &instance);
    std::vector<uint64_t> mentions(uint64_t address, const std::vector<std::string> &modules);

    // CodeView
    bool read(uint64_t address, std::span<uint8_t> bytes) override;
    bool read_original(uint64_t address, std::span<uint8_t> bytes) override;
    std::optional<CodeSymbol> symbol_at(uint64_t address) override;
    TrapKind trap_at(uint64_t address) override;
    std::vector<std::pair<uint64_t, uint64_t>> fixups(const Range &range) override;
    std::vector<StaticBranch> static_branches(const Range &range) override;

  private:
    /// A file with code, and its tables.
    struct Binary {
        std::unique_ptr<ImageFile> file;
        std::unique_ptr<CodeTables> tables;
    };

    Binary &binary(const std::string &module);
    uint64_t address_of(std::string_view symbol);
    void add_lines(Function &function);

    CodeOptions options_;
    symbols::Kallsyms kallsyms_;
    symbols::DebugImages images_;
    symbols::DebugFiles files_;
    LiveText live_;
    FunctionFinder finder_;
    Decoder decoder_;
    std::map<std::string, Binary> binaries_;
    std::string module_;                                  ///< that the function at hand is in
    std::unordered_map<std::string, uint64_t> addresses_; ///< of symbols, for relocations
    ByteSource source_ = ByteSource::Live;
};

KernelCode::Impl::Binary &KernelCode::Impl::binary(const std::string &module) {
    const auto [place, is_new] = binaries_.try_emplace(module);
    Binary &binary = place->second;
    if (!is_new) {
        return binary;
    }
    const std::string path = (module.empty() ? files_.kernel() : files_.module(module)).path;
    if (path.empty()) {
        return binary;
    }
    if (module.empty()) {
        binary.file = ImageFile::open_kernel(path, image(module).bias);
    } else {
        binary.file =
            ImageFile::open_module(path, options_.symbols.sys_module + "/" + module + "/sections",
                                   [this](std::string_view name) { return address_of(name); });
    }
    if (binary.file) {
        binary.tables = std::make_unique<CodeTables>(*binary.file, !module.empty());
    }
    return binary;
}

uint64_t KernelCode::Impl::address_of(std::string_view symbol) {
    if (addresses_.empty()) {
        kallsyms_.for_each([&](const symbols::Kallsyms::Symbol &known) {
            addresses_.try_emplace(std::string(known.name), known.address);
        });
    }
    const auto found = addresses_.find(std::string(symbol));
    return found == addresses_.end() ? 0 : found->second;
}

bool KernelCode::Impl::read(uint64_t address, std::span<uint8_t> bytes) {
    if (live_.read(address, bytes)) {
        return true;
    }
    source_ = ByteSource::File;
    return read_original(address, bytes);
}

bool KernelCode::Impl::read_original(uint64_t address, std::span<uint8_t> bytes) {
    Binary &from = binary(module_);
    return from.file && from.file->read(address, bytes);
}

std::optional<CodeSymbol> KernelCode::Impl::symbol_at(uint64_t address) {
    const auto symbol = kallsyms_.at(address);
    if (!symbol) {
        return std::nullopt;
    }
    return CodeSymbol{.address = symbol->address,
                      .end = symbol->end,
                      .name = std::string(symbol->name),
                      .module = std::string(symbol->module)};
}

TrapKind KernelCode::Impl::trap_at(uint64_t address) {
    const Binary &from = binary(module_);
    return from.tables ? from.tables->trap_at(address) : TrapKind::Unknown;
}

std::vector<std::pair<uint64_t, uint64_t>> KernelCode::Impl::fixups(const Range &range) {
    const Binary &from = binary(module_);
    return from.tables ? from.tables->fixups(range) : std::vector<std::pair<uint64_t, uint64_t>>();
}

std::vector<StaticBranch> KernelCode::Impl::static_branches(const Range &range) {
    const Binary &from = binary(module_);
    return from.tables ? from.tables->static_branches(range) : std::vector<StaticBranch>();
}

Result<Function> KernelCode::Impl::function(const Instance &instance) {
    module_ = instance.module;
    source_ = ByteSource::Live;
    auto built = build_cfg(*this, decoder_,
                           {.address = instance.address,
                            .end = instance.end,
                            .name = instance.symbol,
                            .module = instance.module});
    if (!built) {
        Error error{.what = "code",
                    .why = fmt::format("cannot read the code of {}", instance.symbol)};
        error.hint = live_.trouble();
        return error;
    }
    Function function;
    static_cast<Instance &>(function) = instance;
    function.cfg = std::move(built->cfg);
    function.entry_point = built->entry_point;
    for (const CodePart &part : function.cfg.parts) {
        function.ranges.push_back(part.range);
    }
    add_lines(function);
    return function;
}

void KernelCode::Impl::add_lines(Function &function) {
    const symbols::PlacedImage image = this->image(function.module);
    if (!image) {
        return;
    }
    const symbols::DwarfAddress address = image.dwarf(function.address);
    symbols::DwarfUnit *unit = image.image->unit_at(address);
    if (unit == nullptr) {
        return;
    }
    function.lines = unit->line_table(address);
    function.lines.move(image.bias);
    if (!function.lines.empty()) {
        const InlineScope &scope = function.lines.scopes.front();
        function.declared_in = function.lines.files[scope.declared_file];
        function.declared_line = scope.declared_line;
    }
}

std::vector<uint64_t> KernelCode::Impl::mentions(uint64_t address,
                                                 const std::vector<std::string> &modules) {
    constexpr uint64_t longest_text = uint64_t{256} << 20U;
    std::map<std::string, Range> texts;
    kallsyms_.for_each([&](const symbols::Kallsyms::Symbol &symbol) {
        const std::string module(symbol.module);
        if (!module.empty() && std::find(modules.begin(), modules.end(), module) == modules.end()) {
            return;
        }
        Range &text = texts.try_emplace(module, Range{symbol.address, symbol.end}).first->second;
        text.start = std::min(text.start, symbol.address);
        text.end = std::max(text.end, symbol.end);
    });
    std::vector<uint64_t> found;
    std::vector<uint8_t> chunk;
    for (const auto &[module, text] : texts) {
        constexpr uint64_t step = uint64_t{1} << 20U;
        const uint64_t end = std::min(text.end, text.start + longest_text);
        for (uint64_t at = text.start; at < end; at += step) {
            // A number may lie across the end of a chunk.
            chunk.resize(std::min(step + sizeof(uint32_t) - 1, end - at));
            if (live_.read(at, chunk)) {
                find_mentions(chunk, at, address, found);
            }
        }
    }
    return found;
}

std::string KernelCode::Impl::hint() const {
    if (images_.kernel_missing()) {
        return fmt::format(
            "no debug information of kernel {}, so no files and lines: {}", images_.release(),
            symbols::how_to_get_debug_info(images_.release(), options_.symbols.os_release));
    }
    if (!images_.module_missing().empty()) {
        return fmt::format("no debug information of module {}, so no files and lines in it",
                           images_.module_missing());
    }
    if (source_ == ByteSource::File) {
        return fmt::format("the running code cannot be read ({}); what is shown is the file's, "
                           "without the kernel's changes to itself",
                           live_.trouble());
    }
    return {};
}

KernelCode::KernelCode(CodeOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
KernelCode::~KernelCode() = default;

FunctionSearch KernelCode::find(const std::string &text, bool with_copies) {
    return impl_->finder().find(text, with_copies);
}

Error KernelCode::failure(const std::string &doing, const FunctionSearch &search) {
    return search_failure(doing, search);
}

Result<Function> KernelCode::function(const Instance &instance) {
    return impl_->function(instance);
}

Result<Function> KernelCode::function_at(uint64_t address) {
    const FunctionSearch search = impl_->finder().find_address(address);
    return search ? function(search.instances.front())
                  : Result<Function>(search_failure("code", search));
}

std::vector<uint64_t> KernelCode::mentions(uint64_t address,
                                           const std::vector<std::string> &modules) {
    return impl_->mentions(address, modules);
}

symbols::Kallsyms &KernelCode::kallsyms() {
    return impl_->kallsyms();
}

symbols::PlacedImage KernelCode::image(const std::string &module) {
    return impl_->image(module);
}

ByteSource KernelCode::source() const {
    return impl_->source();
}

std::string KernelCode::hint() const {
    return impl_->hint();
}

} // namespace dropctl::code
