// SPDX-License-Identifier: GPL-2.0-only
// A kernel for tests of the symboliser, a few functions long: vmlinux and a
// module built with the compiler at hand, and what /proc and /sys would say of
// them. No debug packages are needed.
#pragma once

#include "symbols/options.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace dropctl::test {

/// include/linux/packet.h
inline constexpr const char *header_source = R"(
void sink(void);
static inline __attribute__((always_inline)) void free_packet(void)
{
	__asm__ volatile("call sink\nret_inlined:"); /* mark: inlined call */
}
)";

/// net/core/receive.c. Labels that begin with ret_ are return addresses.
inline constexpr const char *kernel_source = R"(
#include <linux/packet.h>
void sink(void) {}
static inline __attribute__((always_inline)) void check(int length)
{
	if (length > 3)
		free_packet(); /* mark: free */
}
int receive(int length) __asm__("receive.constprop.0");
int receive(int length)
{
	check(length); /* mark: check */
	__asm__ volatile("call sink\nret_plain:"); /* mark: plain call */
	return length * 2; /* mark: after */
}
void give_up(void)
{
	__asm__ volatile("call sink\nret_last:"); /* mark: last call */
	__builtin_unreachable();
}
void next_function(void) {}
static __attribute__((noinline)) void twice(void)
{
	__asm__ volatile("call sink\nret_kernel_twice:"); /* mark: kernel twice */
}
void calls_twice(void) { twice(); __asm__ volatile(""); }
)";

/// drivers/net/tunnel.c
inline constexpr const char *module_source = R"(
#include <linux/packet.h>
void sink(void) {}
static __attribute__((noinline)) void twice(void)
{
	__asm__ volatile("call sink\nret_module_twice:"); /* mark: module twice */
}
void tunnel_receive(void) { twice(); __asm__ volatile(""); }
)";

/// A directory that goes with the object.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "dropctl-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryDirectory() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path &path, const std::string &text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

inline std::string read_file(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Output of a command; nothing if it failed.
inline std::optional<std::string> run(const std::string &command) {
    FILE *pipe = ::popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> block{};
    for (size_t got = 0; (got = std::fread(block.data(), 1, block.size(), pipe)) > 0;) {
        output.append(block.data(), got);
    }
    return ::pclose(pipe) == 0 ? std::optional(output) : std::nullopt;
}

/// Number of the line that has a comment "mark: ...".
inline uint32_t line_of(const std::string &source, const std::string &mark) {
    const size_t at = source.find("mark: " + mark + " ");
    const auto end = source.begin() + static_cast<std::ptrdiff_t>(std::min(at, source.size()));
    return at == std::string::npos
               ? 0
               : static_cast<uint32_t>(std::count(source.begin(), end, '\n') + 1);
}

/// How the kernel is built: what differs is the names in its debug information.
enum class Build {
    InTree,       ///< relative names, the tree as directory
    Apart,        ///< O=: absolute names, another directory
    MappedPrefix, ///< -ffile-prefix-map, as in Debian
};

class SmallKernel {
  public:
    static constexpr uint64_t linked_at = 0xffffffff81000000;
    static constexpr uint64_t slide = 0x1a000000; ///< of KASLR
    static constexpr uint64_t module_at = 0xffffffffc0100000;
    static constexpr uint64_t module_size = 0x4000;

    /// Build it; false if there is no compiler.
    bool build(Build how) {
        write_file(path("linux/include/linux/packet.h"), header_source);
        write_file(path("linux/net/core/receive.c"), kernel_source);
        write_file(path("linux/drivers/net/tunnel.c"), module_source);
        std::filesystem::create_directories(path("object"));
        std::filesystem::create_directories(tree() / "kernel/drivers/net");
        return build_vmlinux(how) && build_module(how) && describe();
    }

    /// Options under which the symboliser takes it for the running kernel.
    [[nodiscard]] symbols::SymboliserOptions options() const {
        symbols::SymboliserOptions options;
        options.kallsyms = path("proc/kallsyms");
        options.modules = path("proc/modules");
        options.kernel_notes = path("sys/kernel/notes");
        options.sys_module = path("sys/module");
        options.debug_root = path("debug");
        options.module_root = path("modules");
        options.os_release = path("os-release");
        options.release = release;
        return options;
    }

    /// Address in the running kernel of a label in the sources.
    [[nodiscard]] uint64_t address(const std::string &label) const { return labels_.at(label); }
    [[nodiscard]] std::filesystem::path path(const std::string &name) const {
        return directory_.path() / name;
    }

    /// Make kallsyms show zeroes for addresses, as to users without privileges.
    void hide_addresses() const {
        std::istringstream lines(read_file(path("proc/kallsyms")));
        std::string hidden;
        for (std::string line; std::getline(lines, line);) {
            hidden += std::string(16, '0') + line.substr(16) + "\n";
        }
        write_file(path("proc/kallsyms"), hidden);
    }

    /// Let the kernel say that it is of another build.
    void change_build_id() const {
        std::string notes = read_file(path("sys/kernel/notes"));
        notes.back() = static_cast<char>(~notes.back());
        write_file(path("sys/kernel/notes"), notes);
    }

    void unload_module() const {
        write_file(path("proc/modules"), "");
        write_file(path("proc/kallsyms"), kernel_symbols_);
        std::filesystem::remove_all(path("sys/module/tunnel"));
    }

    static constexpr const char *release = "6.1.0-1-amd64";

  private:
    [[nodiscard]] std::filesystem::path tree() const {
        return path(std::string("debug/lib/modules/") + release);
    }

    /// Compile a file of the tree as that build would.
    bool compile(Build how, const std::string &source, const std::string &flags,
                 const std::string &output) const {
        const std::string linux = path("linux").string();
        std::string command = "gcc -g -O2 -ffreestanding -fno-pic -fcf-protection=none "
                              "-fno-asynchronous-unwind-tables -mcmodel=kernel " +
                              flags + " -o " + output;
        switch (how) {
        case Build::InTree:
            command = "cd " + linux + " && " + command + " -I./include ./" + source;
            break;
        case Build::Apart:
            command = "cd " + path("object").string() + " && " + command + " -I" + linux +
                      "/include " + linux + "/" + source;
            break;
        case Build::MappedPrefix:
            command = "cd " + path("object").string() + " && " + command +
                      " -I../linux/include ../linux/" + source + " -ffile-prefix-map=../linux/=" +
                      " -ffile-prefix-map=" + directory_.path().string() + "/=";
            break;
        }
        return run(command + " 2>&1").has_value();
    }

    bool build_vmlinux(Build how) {
        const std::string output = (tree() / "vmlinux").string();
        return compile(how, "net/core/receive.c",
                       "-nostdlib -static -no-pie -fno-align-functions -Wl,--build-id "
                       "-Wl,-e,sink -Wl,-Ttext=0xffffffff81000000",
                       output);
    }

    bool build_module(Build how) {
        const std::string object = path("tunnel.o").string();
        const std::string output = (tree() / "kernel/drivers/net/tunnel.ko").string();
        return compile(how, "drivers/net/tunnel.c", "-c", object) &&
               run("ld -r --build-id -o " + output + " " + object).has_value();
    }

    /// Take in symbols of a file; those of functions go to kallsyms.
    std::string read_symbols(const std::string &file, uint64_t add, const std::string &suffix) {
        std::string symbols;
        std::istringstream lines(run("nm -n " + file).value_or(""));
        std::string digits;
        std::string type;
        std::string name;
        while (lines >> digits >> type >> name) {
            const uint64_t address = std::stoull(digits, nullptr, 16) + add;
            if (name.starts_with("ret_")) {
                labels_[name] = address;
            } else if (!name.starts_with("_")) { // not those that the linker makes
                std::array<char, 32> number{};
                std::snprintf(number.data(), number.size(), "%016lx ", address);
                symbols += number.data() + type + " " + name + suffix + "\n";
                labels_.emplace(name + suffix, address);
            }
        }
        return symbols;
    }

    bool describe() {
        const std::string vmlinux = (tree() / "vmlinux").string();
        const std::string module = (tree() / "kernel/drivers/net/tunnel.ko").string();
        kernel_symbols_ = read_symbols(vmlinux, slide, "");
        write_file(path("proc/kallsyms"),
                   kernel_symbols_ + read_symbols(module, module_at, "\t[tunnel]"));
        write_file(path("proc/modules"), "tunnel 16384 0 - Live 0xffffffffc0100000\n");
        write_file(path("sys/module/tunnel/sections/.text"), "0xffffffffc0100000\n");
        write_file(path(std::string("modules/") + release + "/modules.dep"),
                   "kernel/net/other.ko:\nkernel/drivers/net/tunnel.ko: kernel/net/other.ko\n");
        write_file(path("os-release"), "ID=debian\n");
        std::filesystem::create_directories(path("sys/kernel"));
        std::filesystem::create_directories(path("sys/module/tunnel/notes"));
        const auto dump_notes = [](const std::string &file, const std::filesystem::path &to) {
            return run("objcopy --dump-section .note.gnu.build-id=" + to.string() + " " + file +
                       " /dev/null")
                .has_value();
        };
        return !kernel_symbols_.empty() && dump_notes(vmlinux, path("sys/kernel/notes")) &&
               dump_notes(module, path("sys/module/tunnel/notes/.note.gnu.build-id"));
    }

    TemporaryDirectory directory_;
    std::map<std::string, uint64_t> labels_;
    std::string kernel_symbols_;
};

} // namespace dropctl::test
