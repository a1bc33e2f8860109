// SPDX-License-Identifier: GPL-2.0-only
// Opens debug information when it is first needed, and remembers failures, so
// that a file that is not there is looked for once.
#include "symbols/debug_images.hpp"

#include "symbols/dwfl_image.hpp"
#include "symbols/kernel_image.hpp"

namespace dropctl::symbols {

DebugImages::DebugImages(const SymboliserOptions &options) : options_(options), files_(options) {}

PlacedImage DebugImages::kernel(uint64_t start) {
    DebugImage *image = start == 0 ? nullptr : open_kernel();
    return {.image = image, .bias = image == nullptr ? 0 : start - image->start()};
}

PlacedImage DebugImages::module(const std::string &name) {
    Slot &slot = loaded_[name];
    if (!slot.tried) {
        slot.tried = true;
        const std::string path = find_module(name);
        if (!path.empty()) {
            slot.image =
                DwflImage::open_module(path, options_.sys_module + "/" + name + "/sections");
        }
        if (!slot.image) {
            module_missing_ = name;
        }
    }
    return {.image = slot.image.get(), .bias = 0};
}

DebugImage *DebugImages::unplaced(const std::string &module) {
    if (module.empty()) {
        return open_kernel();
    }
    Slot &slot = unplaced_[module];
    if (!slot.tried) {
        slot.tried = true;
        const std::string path = find_module(module);
        if (!path.empty()) {
            slot.image = DwflImage::open_file(path);
        }
    }
    return slot.image.get();
}

void DebugImages::forget_modules() {
    loaded_.clear();
    unplaced_.clear();
    module_missing_.clear();
}

DebugImage *DebugImages::open_kernel() {
    if (!kernel_.tried) {
        kernel_.tried = true;
        const DebugFileSearch search = files_.kernel();
        if (!search.path.empty()) {
            kernel_.image = KernelImage::open(search.path);
            if (!kernel_.image) {
                kernel_.image = DwflImage::open_file(search.path);
            }
        } else {
            refused_ = search.refused;
        }
    }
    return kernel_.image.get();
}

std::string DebugImages::find_module(const std::string &name) {
    const DebugFileSearch search = files_.module(name);
    if (search.path.empty() && !search.refused.empty()) {
        refused_ = search.refused;
    }
    return search.path;
}

} // namespace dropctl::symbols
