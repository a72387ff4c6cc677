#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace holdfast::server {

/// Makes bad packets from good ones; the same for the same seed.
class Mutator {
 public:
  Mutator(std::vector<std::vector<std::uint8_t>> good, std::uint64_t seed)
      : good_(std::move(good)), chance_(seed) {}

  std::vector<std::uint8_t> next() {
    std::vector<std::uint8_t> packet = good_[below(good_.size())];
    for (std::size_t times = 1 + below(4); times > 0; --times) mutate(packet);
    return packet;
  }

 private:
  using Packet = std::vector<std::uint8_t>;

  std::size_t below(std::size_t end) { return end == 0 ? 0 : chance_() % end; }
  std::uint8_t octet() { return static_cast<std::uint8_t>(chance_()); }
  std::size_t place(const Packet& packet) { return below(packet.size()); }
  static void set(Packet& packet, std::size_t at, std::size_t value) {
    if (at < packet.size()) packet[at] = static_cast<std::uint8_t>(value);
  }
  void insert(Packet& packet, const Packet& octets) {
    packet.insert(packet.begin() + static_cast<std::ptrdiff_t>(below(packet.size() + 1)), octets.begin(),
                  octets.end());
  }

  void mutate(Packet& packet) {
    static constexpr std::uint8_t kTelling[] = {0, 1, 12, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    const std::size_t at = place(packet);
    switch (below(14)) {
      case 0: return set(packet, at, packet.empty() ? 0 : packet[at] ^ 1U << below(8));
      case 1: return set(packet, at, octet());
      case 2: return set(packet, at, kTelling[below(std::size(kTelling))]);
      case 3: return packet.resize(at);
      case 4: {  // the start of one and the end of another
        const Packet& other = good_[below(good_.size())];
        packet.resize(at);
        packet.insert(packet.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size())),
                      other.end());
        return;
      }
      case 5:  // a pointer: forward, backward, to itself, into the header (RFC 9267 2)
        set(packet, at, 0xc0 | below(2));
        return set(packet, at + 1, below(2) == 0 ? at : octet());
      case 6: return set(packet, 4 + below(8), below(2) == 0 ? below(4) : octet());  // the counts
      case 7: return set(packet, 2 + below(2), octet());                             // flags, opcode
      case 8: return set(packet, 12, octet());                                       // the first label
      case 9: return insert(packet, Packet(1 + below(70), octet()));
      case 10:
        return insert(packet,
                      {0, 0, 41, octet(), octet(), 0, octet(), octet(), 0, 0, octet(), 0, 3, 0, octet()});
      case 11: {  // many labels
        Packet labels;
        for (std::size_t i = below(140); i > 0; --i) labels.insert(labels.end(), {1, octet()});
        packet.insert(packet.begin() + std::min<std::ptrdiff_t>(12, std::ssize(packet)), labels.begin(),
                      labels.end());
        return;
      }
      case 12: {  // records of nothing behind the question
        for (std::size_t i = below(40); i > 0; --i) {
          packet.insert(packet.end(),
                        {0, octet(), octet(), 0, 1, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(below(2))});
        }
        return set(packet, 11, below(50));
      }
      default: {  // the same again
        const Packet part(packet.begin() + static_cast<std::ptrdiff_t>(at), packet.end());
        packet.insert(packet.end(), part.begin(), part.end());
      }
    }
  }

  std::vector<Packet> good_;
  std::mt19937_64 chance_;
};

}  // namespace holdfast::server
