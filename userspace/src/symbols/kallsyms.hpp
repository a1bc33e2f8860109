// SPDX-License-Identifier: GPL-2.0-only
// The running kernel's symbol table, from /proc/kallsyms. Reading it is dear:
// the kernel decompresses and formats every line. So it is read only as far as
// a lookup needs (the kernel's own symbols come first, in order of address),
// and modules' symbols, at the end, only once one is asked for.
#pragma once

#include "util/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dropctl::symbols {

class Kallsyms {
  public:
    /// A function. The views hold until the next call of a non-const member.
    struct Symbol {
        uint64_t address = 0;
        uint64_t end = 0; ///< where the next one begins; padding included
        std::string_view name;
        std::string_view module; ///< empty: the kernel itself
    };

    /// Where to read; nothing is opened before the first lookup.
    Kallsyms(std::string kallsyms, std::string modules);
    ~Kallsyms();
    Kallsyms(const Kallsyms &) = delete;
    Kallsyms &operator=(const Kallsyms &) = delete;

    /// The function that holds `address`. Of several names for it the one that
    /// the kernel itself prints.
    std::optional<Symbol> at(uint64_t address);

    /// Every function, those of modules last. Reads all there is.
    void for_each(const std::function<void(const Symbol &)> &visit);

    /// Where the kernel's text begins in memory; 0 if that is hidden.
    uint64_t kernel_start();

    /// The addresses are all zero, or there is no table: only names are known.
    bool hidden();

    /// Modules loaded now, by name.
    bool has_module(std::string_view name);

    /// Read modules' symbols anew when they are next needed.
    void forget_modules();

    /// Modules were loaded, unloaded or moved since their symbols were read. Newer
    /// kernels pack them so closely that one that is not known of seems to be part of
    /// its neighbour.
    [[nodiscard]] bool modules_changed() const;

  private:
    /// 16 bytes: there are some 80000 of them. `text` is false for what only
    /// marks the end of a function, data behind the text.
    struct Entry {
        uint64_t address;
        uint32_t name;   ///< in the table's pool
        uint16_t module; ///< index into module_names_, 0: the kernel
        bool text;
    };
    struct Table {
        std::vector<Entry> entries;
        std::string pool; ///< names, each ended by a zero byte
        bool sorted = true;
    };
    struct Range {
        uint64_t start = 0;
        uint64_t end = 0;
        bool operator==(const Range &) const = default;
    };

    bool open();
    void close();
    /// Read on until the function that holds `wanted` and the next one are known,
    /// if the kernel itself holds it.
    void read_until(uint64_t wanted);
    bool read_block();
    void parse_block(std::string_view block);
    void parse_line(std::string_view line);
    void add_kernel(uint64_t address, bool text, std::string_view name);
    void add_module(uint64_t address, bool text, std::string_view name, std::string_view module);
    void read_modules();
    struct Loaded {
        std::string name;
        Range range;
        bool operator==(const Loaded &) const = default;
    };
    [[nodiscard]] std::vector<Loaded> loaded_now() const;
    void finish();
    static void sort(Table &table);
    static void drop_idle_marks(Table &table);
    [[nodiscard]] std::optional<Symbol> find(const Table &table, uint64_t address) const;
    [[nodiscard]] Symbol symbol(const Table &table, size_t index) const;
    [[nodiscard]] uint64_t end_of(const Table &table, size_t index) const;

    std::string path_;
    std::string modules_path_;
    int fd_ = -1;
    std::string partial_; ///< a line of which the rest was not read yet
    Table kernel_;
    Table modules_;
    std::vector<std::string> module_names_{std::string()};
    std::vector<Range> module_ranges_{Range{}}; ///< parallel to module_names_
    std::map<std::string, uint16_t, std::less<>> module_index_;
    std::vector<Loaded> loaded_; ///< when the modules were read
    bool kernel_done_ = false;
    bool done_ = false;
    bool zero_seen_ = false; ///< a function at address 0
};

} // namespace dropctl::symbols
