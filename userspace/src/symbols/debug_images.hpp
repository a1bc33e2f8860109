// SPDX-License-Identifier: GPL-2.0-only
// The debug information at hand: vmlinux and one file for each module, each
// looked for and opened when it is first needed, and what was found missing.
#pragma once

#include "symbols/debug_files.hpp"
#include "symbols/debug_image.hpp"
#include "symbols/options.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace dropctl::symbols {

/// An image and how to count in it; `image` is null where there is none.
struct PlacedImage {
    DebugImage *image = nullptr;
    uint64_t bias = 0; ///< the running kernel's addresses less the image's

    explicit operator bool() const { return image != nullptr; }
    [[nodiscard]] DwarfAddress dwarf(uint64_t runtime) const {
        return DwarfAddress{runtime - bias};
    }
    [[nodiscard]] uint64_t runtime(DwarfAddress dwarf) const {
        return static_cast<uint64_t>(dwarf) + bias;
    }
};

class DebugImages {
  public:
    explicit DebugImages(const SymboliserOptions &options);

    /// vmlinux; `start` is where the kernel's text lies in memory, 0 if hidden.
    PlacedImage kernel(uint64_t start);
    /// A module that is loaded.
    PlacedImage module(const std::string &name);
    /// The same files at the addresses they give themselves, to resolve names
    /// where the running kernel's addresses are not known. Empty name: vmlinux.
    DebugImage *unplaced(const std::string &module);

    /// Modules' files and addresses may be others now.
    void forget_modules();

    [[nodiscard]] const std::string &release() const { return files_.release(); }
    /// vmlinux was needed and not found.
    [[nodiscard]] bool kernel_missing() const { return kernel_.tried && !kernel_.image; }
    /// A module whose file was needed and not found; empty: none.
    [[nodiscard]] const std::string &module_missing() const { return module_missing_; }
    /// A file of another build that was passed over; empty: none.
    [[nodiscard]] const std::string &refused() const { return refused_; }

  private:
    struct Slot {
        bool tried = false;
        std::unique_ptr<DebugImage> image;
    };

    DebugImage *open_kernel();
    std::string find_module(const std::string &name);

    const SymboliserOptions &options_; ///< outlives this
    DebugFiles files_;
    Slot kernel_;
    std::map<std::string, Slot> loaded_;
    std::map<std::string, Slot> unplaced_;
    std::string module_missing_;
    std::string refused_;
};

} // namespace dropctl::symbols
