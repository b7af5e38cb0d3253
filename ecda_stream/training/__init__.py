"""From a log to a released model: the worker's own fold, labels from what became known later, an additive model with its card."""
