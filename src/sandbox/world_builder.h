// The parts of the world, in the order in which they are built.
#pragma once

#include <string>

#include "sandbox/chance.h"
#include "sandbox/world.h"

namespace dogpipe::sandbox {

void build_infrastructure(World& world, Chance& chance);  // services, hosts, metrics
std::string build_traces(World& world, Chance& chance);   // returns the id of a failed checkout
void build_logs(World& world, Chance& chance);            // from the spans
void build_alerts(World& world, Chance& chance);          // monitors, incidents, events, synthetics
void build_rum(World& world, Chance& chance);             // from the root spans
void build_reading(World& world);                         // dashboards, notebooks, documentation

}  // namespace dogpipe::sandbox
