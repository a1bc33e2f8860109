// SPDX-License-Identifier: GPL-2.0-only
// The code model of the running kernel: finds functions and builds their graphs
// and lines, from live bytes where they can be had. The one door to all of
// code/; opens nothing before it is asked something.
#pragma once

#include "code/function.hpp"
#include "code/function_search.hpp"
#include "symbols/options.hpp"
#include "util/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace dropctl::symbols {
class DebugImages;
class Kallsyms;
struct PlacedImage;
} // namespace dropctl::symbols

namespace dropctl::code {

struct CodeOptions {
    symbols::SymboliserOptions symbols;
    std::string kcore = "/proc/kcore"; ///< empty: the files' bytes
};

/// Where the bytes of a function came from.
enum class ByteSource : uint8_t { Live, File };

class KernelCode {
  public:
    explicit KernelCode(CodeOptions options = {});
    ~KernelCode();

    /// Look for NAME, NAME@MODULE, SYMBOL or 0xADDRESS. `with_copies`: inlined
    /// copies as well, which may take a second from a cold disk.
    FunctionSearch find(const std::string &text, bool with_copies = false);
    /// The error that a search which found nothing usable stands for.
    static Error failure(const std::string &doing, const FunctionSearch &search);

    /// Take a function apart.
    Result<Function> function(const Instance &instance);
    /// The function that holds an address.
    Result<Function> function_at(uint64_t address);

    /// Addresses of instructions, or close behind their first byte, that have a kernel
    /// address in them as a number (calls and jumps to it apart): in the kernel and in these
    /// modules. Reads all of their code, a fraction of a second's work.
    std::vector<uint64_t> mentions(uint64_t address, const std::vector<std::string> &modules);

    /// Symbols and debug information, for those who need more of them.
    symbols::Kallsyms &kallsyms();
    /// The image of a module's (empty: the kernel's) debug information.
    symbols::PlacedImage image(const std::string &module);

    /// Where the last function's bytes came from.
    [[nodiscard]] ByteSource source() const;
    /// What stands in the way of full answers; empty when nothing does.
    [[nodiscard]] std::string hint() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dropctl::code
