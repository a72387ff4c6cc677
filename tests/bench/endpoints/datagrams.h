#pragma once

#include "tests/bench/endpoints/service.h"
#include "tests/bench/load/sockets.h"

namespace holdfast::bench {

/// dns: answers every query with NOERROR and nothing else.
class Datagrams final : public Service {
 public:
  explicit Datagrams(std::uint16_t port);
  int ready() const override { return socket_.number(); }
  void serve(Visits& visits) override;

 private:
  Descriptor socket_;
};

/// ping: the kernel answers, this one only listens.
class Echoes final : public Service {
 public:
  Echoes();
  int ready() const override { return socket_.number(); }
  void serve(Visits& visits) override;

 private:
  Descriptor socket_;
};

}  // namespace holdfast::bench
