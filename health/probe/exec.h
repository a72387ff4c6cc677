#pragma once

#include <string>
#include <vector>

#include "health/probe/probe.h"

namespace holdfast::health {

inline constexpr std::size_t kExecKept = 4 * 1024;    ///< octets of what a program writes that are kept
inline constexpr std::size_t kExecLimit = 64 * 1024;  ///< octets that it may write

/// Runs the monitor's program, without a shell, in a process group of its own that is killed whole when the time is over
/// or the probe is cancelled. It passes with exit code 0, after it and all that it started have closed its output.
///
/// A program that is not there, or for which there is no process, says nothing about the target: the probe is not run.
std::unique_ptr<Probe> start_exec(boost::asio::io_context& io, const Target& target, ProbeDone done);

/// All that such a program has as its environment: "NAME=value".
std::vector<std::string> exec_environment(const Target& target);

}  // namespace holdfast::health
