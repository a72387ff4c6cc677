#include "server/descriptors.h"

#include <gtest/gtest.h>

#include <stdexcept>

using namespace holdfast::server;

namespace {

std::string shares(std::size_t limit, std::size_t listeners, std::size_t wanted) {
  const Descriptors d = share_out(limit, listeners, wanted);
  return std::to_string(d.tcp_connections) + " connections, " + std::to_string(d.probes) + " probes, " +
         std::to_string(d.control_connections) + " control, " + std::to_string(d.questions) + " questions";
}

TEST(Descriptors, AreEnoughForAllOnAnOrdinaryServer) {
  EXPECT_EQ(shares(20'000, 8, 4096), "4096 connections, 2494 probes, 128 control, 256 questions");
}

TEST(Descriptors, LeaveProbesTheirsWhenThereAreFew) {
  EXPECT_EQ(shares(1024, 8, 4096), "488 connections, 122 probes, 122 control, 122 questions");
  EXPECT_EQ(shares(256, 4, 100'000), "108 connections, 26 probes, 26 control, 26 questions");
}

TEST(Descriptors, NeverExceedTheLimit) {
  for (std::size_t limit = 112; limit < 5000; ++limit) {
    const Descriptors d = share_out(limit, 8, 100'000);
    ASSERT_LE(8 + kSpareDescriptors + d.tcp_connections + 2 * d.probes + d.control_connections + d.questions,
              limit);
    ASSERT_GT(d.probes, 0U);
    ASSERT_GT(d.tcp_connections, 0U);
  }
}

TEST(Descriptors, SayWhatToDoWhenThereAreTooFewToServe) {
  try {
    share_out(64, 8, 100);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("at least 112 are needed"), std::string::npos) << error.what();
  }
}

}  // namespace
