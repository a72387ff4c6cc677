#include "server/versions/build_id.h"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstring>

namespace holdfast::server {
namespace {

/// A note's name and data are each padded to 4 octets.
std::size_t padded(std::size_t size) noexcept { return (size + 3) / 4 * 4; }

std::span<const std::uint8_t> find(std::span<const std::uint8_t> notes) noexcept {
  ElfW(Nhdr) head;
  while (notes.size() >= sizeof head) {
    std::memcpy(&head, notes.data(), sizeof head);
    const std::size_t data = sizeof head + padded(head.n_namesz);
    if (notes.size() < data || notes.size() - data < head.n_descsz) return {};
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == sizeof ELF_NOTE_GNU &&
        std::memcmp(notes.data() + sizeof head, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0) {
      return notes.subspan(data, head.n_descsz);
    }
    const std::size_t whole = data + padded(head.n_descsz);
    if (whole > notes.size()) return {};
    notes = notes.subspan(whole);
  }
  return {};
}

/// Of the first object, which is the program.
int look(dl_phdr_info* object, std::size_t, void* found) noexcept {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    const auto* const at = reinterpret_cast<const std::uint8_t*>(object->dlpi_addr + part.p_vaddr);
    const auto id = find({at, part.p_memsz});
    if (!id.empty()) *static_cast<std::span<const std::uint8_t>*>(found) = id;
  }
  return 1;
}

}  // namespace

std::span<const std::uint8_t> build_id() noexcept {
  static const std::span<const std::uint8_t> id = [] {
    std::span<const std::uint8_t> found;
    ::dl_iterate_phdr(look, &found);
    return found;
  }();
  return id;
}

}  // namespace holdfast::server
