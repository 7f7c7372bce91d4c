"""What stakeholders open: apps in Bahasa Indonesia first, English second, also on a phone.

Each app is a model (testable without a browser) and a view that only links widgets to it.
`serve` runs them in Voila, with pages that can be read before any kernel is ready.
"""
