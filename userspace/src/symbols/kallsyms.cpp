// SPDX-License-Identifier: GPL-2.0-only
// Reads /proc/kallsyms piece by piece into two tables, the kernel's and the
// modules', and looks addresses up in them. A line is
// "ffffffff81000000 T name" and, in a module, "\t[module]".
#include "symbols/kallsyms.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace dropctl::symbols {

namespace {

constexpr size_t block_size = size_t{16} * 1024; // the kernel gives a page at a time
constexpr uint64_t everything = UINT64_MAX;
constexpr size_t name_column = 19; ///< behind 16 digits, blank, type, blank

/// The last symbol of all, and what is not in /proc/modules (BPF programs,
/// trampolines), have no known end; an address further from them than this
/// belongs to something else.
constexpr uint64_t longest_unbounded = uint64_t{64} * 1024;

constexpr std::array<int8_t, 256> make_digits() {
    std::array<int8_t, 256> digits{};
    digits.fill(-1);
    for (unsigned char i = 0; i < 16; i++) {
        digits[static_cast<unsigned char>("0123456789abcdef"[i])] = static_cast<int8_t>(i);
    }
    return digits;
}

/// The 16 digits at the beginning of a line; nothing if they are not digits.
std::optional<uint64_t> parse_address(std::string_view line) {
    static constexpr auto digits = make_digits();
    uint64_t value = 0;
    int wrong = 0;
    for (size_t i = 0; i < 16; i++) {
        const int8_t digit = digits[static_cast<unsigned char>(line[i])];
        wrong |= digit;
        value = value << 4 | static_cast<uint64_t>(digit & 15);
    }
    return wrong < 0 ? std::nullopt : std::optional(value);
}

bool is_text(char type) {
    return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

std::string read_file(const std::string &path) {
    std::string text;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return text;
    }
    std::array<char, 16384> block{};
    for (ssize_t got = 0; (got = ::read(fd, block.data(), block.size())) > 0;) {
        text.append(block.data(), static_cast<size_t>(got));
    }
    ::close(fd);
    return text;
}

/// The first word of `line`, which is cut off it.
std::string_view take_word(std::string_view &line) {
    const size_t blank = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, blank);
    line.remove_prefix(std::min(blank + 1, line.size()));
    return word;
}

uint64_t to_number(std::string_view word, int base) {
    uint64_t value = 0;
    if (base == 16 && word.starts_with("0x")) {
        word.remove_prefix(2);
    }
    std::from_chars(word.data(), word.data() + word.size(), value, base);
    return value;
}

} // namespace

Kallsyms::Kallsyms(std::string kallsyms, std::string modules)
    : path_(std::move(kallsyms)), modules_path_(std::move(modules)) {}

Kallsyms::~Kallsyms() {
    close();
}

std::optional<Kallsyms::Symbol> Kallsyms::at(uint64_t address) {
    if (address == 0) {
        return std::nullopt;
    }
    read_until(address);
    if (zero_seen_) {
        return std::nullopt;
    }
    if (auto found = find(kernel_, address)) {
        return found;
    }
    // Modules may lie below the kernel (arm64) as well as above it.
    read_until(everything);
    return find(modules_, address);
}

void Kallsyms::for_each(const std::function<void(const Symbol &)> &visit) {
    read_until(everything);
    for (const Table *table : {&kernel_, &modules_}) {
        for (size_t i = 0; i < table->entries.size(); i++) {
            if (table->entries[i].text) {
                visit(symbol(*table, i));
            }
        }
    }
}

uint64_t Kallsyms::kernel_start() {
    if (kernel_.entries.empty()) {
        read_until(1);
    }
    if (zero_seen_) {
        return 0;
    }
    const auto first = std::find_if(kernel_.entries.begin(), kernel_.entries.end(),
                                    [](const Entry &entry) { return entry.text; });
    return first == kernel_.entries.end() ? 0 : first->address;
}

bool Kallsyms::hidden() {
    return kernel_start() == 0;
}

bool Kallsyms::has_module(std::string_view name) {
    if (module_index_.empty()) {
        read_modules();
    }
    return module_index_.contains(name);
}

void Kallsyms::forget_modules() {
    close();
    modules_ = Table{};
    module_names_.resize(1);
    module_ranges_.resize(1);
    module_index_.clear();
    done_ = false;
    if (!kernel_done_) {
        kernel_ = Table{};
    }
}

bool Kallsyms::open() {
    if (fd_ >= 0) {
        return true;
    }
    fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    partial_.clear();
    return fd_ >= 0;
}

void Kallsyms::close() {
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

void Kallsyms::read_until(uint64_t wanted) {
    const auto enough = [&] {
        return wanted != everything && (zero_seen_ || (kernel_.sorted && !kernel_.entries.empty() &&
                                                       kernel_.entries.back().address > wanted));
    };
    while (!done_ && !enough()) {
        if (!read_block()) {
            finish();
        }
    }
}

bool Kallsyms::read_block() {
    std::array<char, block_size> block; // NOLINT(cppcoreguidelines-pro-type-member-init)
    if (!open()) {
        return false;
    }
    const ssize_t got = ::read(fd_, block.data(), block.size());
    if (got <= 0) {
        return false;
    }
    parse_block({block.data(), static_cast<size_t>(got)});
    return true;
}

void Kallsyms::parse_block(std::string_view block) {
    if (!partial_.empty()) {
        const size_t end = block.find('\n');
        partial_.append(block.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        parse_line(partial_);
        partial_.clear();
        block.remove_prefix(end + 1);
    }
    for (;;) {
        const size_t end = block.find('\n');
        if (end == std::string_view::npos) {
            partial_ = block;
            return;
        }
        parse_line(block.substr(0, end));
        block.remove_prefix(end + 1);
    }
}

void Kallsyms::parse_line(std::string_view line) {
    if (line.size() <= name_column || line[16] != ' ') {
        return;
    }
    const bool text = is_text(line[17]);
    const std::string_view name = line.substr(name_column);
    if (line.back() == ']') {
        const size_t tab = name.find('\t');
        if (tab != std::string_view::npos && tab + 3 <= name.size()) {
            if (const auto address = parse_address(line)) {
                add_module(*address, text, name.substr(0, tab),
                           name.substr(tab + 2, name.size() - tab - 3));
            }
        }
        return;
    }
    // Of the data in the kernel itself only what follows text matters.
    if (!kernel_done_ && (text || (!kernel_.entries.empty() && kernel_.entries.back().text))) {
        if (const auto address = parse_address(line)) {
            add_kernel(*address, text, name);
        }
    }
}

void Kallsyms::add_kernel(uint64_t address, bool text, std::string_view name) {
    zero_seen_ = zero_seen_ || (text && address == 0);
    if (!kernel_.entries.empty() && kernel_.entries.back().address > address) {
        kernel_.sorted = false;
    }
    kernel_.entries.push_back({.address = address,
                               .name = static_cast<uint32_t>(kernel_.pool.size()),
                               .module = 0,
                               .text = text});
    if (text) {
        kernel_.pool.append(name);
    }
    kernel_.pool.push_back('\0');
}

void Kallsyms::add_module(uint64_t address, bool text, std::string_view name,
                          std::string_view module) {
    if (module_index_.empty()) {
        read_modules();
    }
    // Lines of one module stand together.
    uint16_t index = modules_.entries.empty() ? uint16_t{0} : modules_.entries.back().module;
    if (module_names_[index] != module || index == 0) {
        const auto [place, fresh] = module_index_.try_emplace(
            std::string(module), static_cast<uint16_t>(module_names_.size()));
        if (fresh) {
            module_names_.emplace_back(module);
            module_ranges_.emplace_back();
        }
        index = place->second;
    }
    modules_.entries.push_back({.address = address,
                                .name = static_cast<uint32_t>(modules_.pool.size()),
                                .module = index,
                                .text = text});
    if (text) {
        modules_.pool.append(name);
    }
    modules_.pool.push_back('\0');
}

/// "gre 16384 1 ip_gre, Live 0xffffffffc0271000"
std::vector<Kallsyms::Loaded> Kallsyms::loaded_now() const {
    std::vector<Loaded> loaded;
    const std::string text = read_file(modules_path_);
    std::string_view rest = text;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::string_view name = take_word(line);
        const uint64_t size = to_number(take_word(line), 10);
        for (int i = 0; i < 3; i++) {
            take_word(line);
        }
        const uint64_t start = to_number(take_word(line), 16);
        if (!name.empty()) {
            loaded.push_back(
                {.name = std::string(name), .range = {.start = start, .end = start + size}});
        }
    }
    return loaded;
}

void Kallsyms::read_modules() {
    loaded_ = loaded_now();
    for (const Loaded &module : loaded_) {
        module_index_.emplace(module.name, static_cast<uint16_t>(module_names_.size()));
        module_names_.push_back(module.name);
        module_ranges_.push_back(module.range);
    }
}

bool Kallsyms::modules_changed() const {
    return done_ && loaded_ != loaded_now();
}

void Kallsyms::finish() {
    close();
    done_ = true;
    if (!kernel_done_) {
        kernel_done_ = true;
        sort(kernel_);
    }
    modules_.sorted = false;
    if (!zero_seen_) {
        sort(modules_);
        drop_idle_marks(modules_);
    }
}

/// By address, equal ones in the order they came in: the first is the name that
/// the kernel prints.
void Kallsyms::sort(Table &table) {
    if (!table.sorted) {
        std::stable_sort(table.entries.begin(), table.entries.end(),
                         [](const Entry &a, const Entry &b) { return a.address < b.address; });
    }
    table.sorted = true;
}

/// Data behind data marks the end of nothing.
void Kallsyms::drop_idle_marks(Table &table) {
    bool after_text = false;
    std::erase_if(table.entries, [&](const Entry &entry) {
        const bool idle = !entry.text && !after_text;
        after_text = entry.text;
        return idle;
    });
    table.entries.shrink_to_fit();
}

std::optional<Kallsyms::Symbol> Kallsyms::find(const Table &table, uint64_t address) const {
    const auto &entries = table.entries;
    auto place = std::upper_bound(entries.begin(), entries.end(), address,
                                  [](uint64_t a, const Entry &entry) { return a < entry.address; });
    if (place == entries.begin()) {
        return std::nullopt;
    }
    // Back to the first text symbol of those at this address.
    const uint64_t start = std::prev(place)->address;
    auto first = std::lower_bound(entries.begin(), place, start,
                                  [](const Entry &entry, uint64_t a) { return entry.address < a; });
    while (first != place && !first->text) {
        ++first;
    }
    if (first == place) {
        return std::nullopt;
    }
    Symbol found = symbol(table, static_cast<size_t>(first - entries.begin()));
    return address < found.end ? std::optional(found) : std::nullopt;
}

Kallsyms::Symbol Kallsyms::symbol(const Table &table, size_t index) const {
    const Entry &entry = table.entries[index];
    return {.address = entry.address,
            .end = end_of(table, index),
            .name = std::string_view(table.pool.data() + entry.name),
            .module = module_names_[entry.module]};
}

uint64_t Kallsyms::end_of(const Table &table, size_t index) const {
    const Entry &entry = table.entries[index];
    uint64_t end = UINT64_MAX;
    for (size_t i = index + 1; i < table.entries.size(); i++) {
        if (table.entries[i].address != entry.address) {
            end = table.entries[i].address;
            break;
        }
    }
    if (entry.module == 0) {
        return end == UINT64_MAX ? entry.address + longest_unbounded : end;
    }
    const Range &range = module_ranges_[entry.module];
    const bool inside = entry.address >= range.start && entry.address < range.end;
    return std::min(end, inside ? range.end : entry.address + longest_unbounded);
}

} // namespace dropctl::symbols
