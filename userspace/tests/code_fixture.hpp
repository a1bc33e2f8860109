// SPDX-License-Identifier: GPL-2.0-only
// The code model on the installed vmlinux and its modules as if they ran at the
// addresses of their files: the machine that builds runs another kernel.
#pragma once

#include "code/kernel_code.hpp"
#include "symbols_fixture.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace dropctl::test {

class InstalledKernel {
  public:
    /// False: no vmlinux with debug information, or no tools to read its symbols.
    bool find() {
        std::error_code error;
        const std::filesystem::path root = "/usr/lib/debug/lib/modules";
        for (const auto &entry : std::filesystem::directory_iterator(root, error)) {
            if (std::filesystem::exists(entry.path() / "vmlinux")) {
                release_ = entry.path().filename();
                vmlinux_ = entry.path() / "vmlinux";
            }
        }
        const auto symbols =
            vmlinux_.empty() ? std::nullopt : run("nm -n " + vmlinux_ + " 2>/dev/null");
        if (!symbols || symbols->empty()) {
            return false;
        }
        symbols_ = *symbols;
        write();
        return true;
    }

    /// Load a module; false: it is not installed.
    bool load(const std::string &module) {
        const auto path = run("find /usr/lib/debug/lib/modules/" + release_ + " -name " + module +
                              ".ko 2>/dev/null");
        if (!path || path->empty()) {
            return false;
        }
        const std::string file = path->substr(0, path->find('\n'));
        std::vector<uint64_t> starts = place_sections(module, file);
        std::istringstream lines(run("readelf -sW " + file).value_or(""));
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string number, value, size, type, bind, visibility, index, name;
            words >> number >> value >> size >> type >> bind >> visibility >> index >> name;
            if (type == "FUNC" && index != "UND" && std::stoul(index) < starts.size() &&
                starts[std::stoul(index)] != 0) {
                symbols_ += fmt::format("{:016x} t {}\t[{}]\n",
                                        starts[std::stoul(index)] + std::stoull(value, nullptr, 16),
                                        name, module);
            }
        }
        modules_ += fmt::format("{} 1 0 - Live 0x0\n", module);
        write();
        return true;
    }

    [[nodiscard]] code::CodeOptions options() const {
        code::CodeOptions options;
        options.symbols.kallsyms = directory_.path() / "kallsyms";
        options.symbols.modules = directory_.path() / "modules";
        options.symbols.sys_module = directory_.path() / "sys";
        options.symbols.kernel_notes = "/dev/null";
        options.symbols.release = release_;
        options.kcore.clear();
        return options;
    }

    [[nodiscard]] const std::string &vmlinux() const { return vmlinux_; }
    [[nodiscard]] const std::string &symbols() const { return symbols_; }

  private:
    /// Addresses of a module's sections by number, 0: not in memory.
    std::vector<uint64_t> place_sections(const std::string &module, const std::string &file) {
        constexpr uint64_t align = 0x1000;
        const std::filesystem::path directory = directory_.path() / "sys" / module / "sections";
        std::filesystem::create_directories(directory);
        std::vector<uint64_t> starts;
        std::istringstream lines(run("readelf -SW " + file).value_or(""));
        for (std::string line; std::getline(lines, line);) {
            const size_t bracket = line.find(']');
            if (line.find("  [") != 0 || line.find("Nr") != std::string::npos) {
                continue;
            }
            std::istringstream words(line.substr(bracket + 1));
            std::string name, type, address, offset, size, entry, flags;
            words >> name >> type >> address >> offset >> size >> entry >> flags;
            starts.resize(std::stoul(line.substr(line.find('[') + 1)) + 1);
            if (flags.find('A') != std::string::npos && !name.starts_with(".init")) {
                starts.back() = next_;
                write_file(directory / name, fmt::format("{:#x}\n", next_));
                next_ += (std::stoull(size, nullptr, 16) + align) / align * align;
            }
        }
        return starts;
    }

    void write() {
        write_file(directory_.path() / "kallsyms", symbols_);
        write_file(directory_.path() / "modules", modules_);
    }

    TemporaryDirectory directory_;
    std::string release_;
    std::string vmlinux_;
    std::string symbols_;
    std::string modules_;
    uint64_t next_ = 0xffffffffc0000000;
};

} // namespace dropctl::test
