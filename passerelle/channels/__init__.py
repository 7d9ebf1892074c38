"""The doors: SMS, widget, simulator."""
