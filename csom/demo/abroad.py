"""The few accounts of a company that pay in another currency than its own."""

from accounts.queries.rates import rates
from accounts.rules.rates import Conversion
from csom.demo.lives import Fate, Term
from csom.demo.scene import Scene

MOST = 2
ROUND = 100_00


def paid_in(scene: Scene) -> dict[int, Conversion]:
    """The first two accounts of a region, by number, where the charter has rates for it."""
    region, currency = scene.world.abroad
    conversion = rates().of(currency)
    if conversion is None or not conversion.by_year:
        return {}
    paying = [life for life in scene.lives if life.region == region and life.fate is Fate.WELL]
    return {life.number: conversion for life in paying[:MOST]}


def priced(amount: int, term: Term, conversion: Conversion | None) -> int:
    """An amount in the money of its contract: round, and worth as much when the contract begins."""
    if conversion is None:
        return amount
    return round(amount / conversion.minor(ROUND, term.starts_on)) * ROUND
