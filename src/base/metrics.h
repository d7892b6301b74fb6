// Counters, gauges and histograms in Prometheus' text form. A Metrics object is made by the composition root
// and passed to who counts; names are jalousie_<room>_<what>_<unit>. Labels come from small fixed sets only
// (states, reasons, doors): never a home, a camera, an address or anything that a remote chose.
//
// A Counter& or Gauge& stays valid as long as its Metrics; adding is one relaxed atomic, from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jalousie {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double by = 1) = 0;
  virtual double value() const = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double by) = 0;
  virtual double value() const = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

using MetricLabels = std::map<std::string, std::string>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name and labels give the same object.
  Counter& counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help,
                       const std::vector<double>& upper_bounds, const MetricLabels& labels = {});

  /// All of them, as text/plain; version=0.0.4.
  std::string prometheus_text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie
