"""What the made villages are known for: products, and the landscapes that favour them."""

from __future__ import annotations

from dataclasses import dataclass

LANDSCAPES = ("urban", "industry", "rice", "coast", "hills")


@dataclass(frozen=True, slots=True)
class Product:
    """A product a village may build on.

    Attributes
    ----------
    name, english
        Name in Indonesian, as it stands in the data, and in English.
    favoured
        How readily it is made in each of `LANDSCAPES`; 0 never.
    for_kitchens
        How readily hotels and restaurants buy it, 0 to 1.
    price_factor
        Monthly sales of one seller compared with the median product.
    """

    name: str
    english: str
    favoured: tuple[float, float, float, float, float]
    for_kitchens: float
    price_factor: float


PRODUCTS = (
    Product("Padi/beras", "Rice", (0, 0, 9, 1, 4), 0.3, 1.1),
    Product("Bandeng", "Milkfish", (0, 0, 0, 9, 0), 0.8, 1.2),
    Product("Udang", "Shrimp", (0, 0, 0, 6, 0), 0.9, 1.9),
    Product("Rumput laut", "Seaweed", (0, 0, 0, 5, 0), 0.2, 0.9),
    Product("Rajungan dan kepiting", "Crab", (0, 0, 0, 3, 0), 0.9, 1.4),
    Product("Ikan asin dan terasi", "Dried fish and shrimp paste", (0, 0, 0.5, 4, 0), 0.4, 0.8),
    Product("Telur asin", "Salted eggs", (0.5, 0, 3, 1, 0), 0.6, 0.9),
    Product("Melon", "Melon", (0, 0.5, 3, 0, 2), 0.7, 1.3),
    Product("Sayuran", "Vegetables", (0.5, 0.5, 3, 0, 3), 0.8, 0.9),
    Product("Jamur tiram", "Oyster mushroom", (0.5, 0.5, 1, 0, 4), 0.8, 1.0),
    Product("Kopi", "Coffee", (0, 0, 0, 0, 3), 0.6, 1.1),
    Product("Kerajinan bambu", "Bamboo craft", (0, 0, 0.5, 0, 5), 0.2, 0.6),
    Product("Golok/pandai besi", "Blades (blacksmiths)", (0, 0.5, 0.3, 0, 3), 0.0, 0.8),
    Product("Ikan hias", "Ornamental fish", (2, 1, 1, 0, 1), 0.0, 1.2),
    Product("Lele dan nila", "Catfish and tilapia", (1, 1.5, 2, 1, 2), 0.8, 1.0),
    Product("Kerupuk", "Crackers", (3, 2, 2, 2, 1), 0.5, 0.9),
    Product("Tempe dan tahu", "Tempe and tofu", (4, 3, 1, 0, 1), 0.7, 1.1),
    Product("Kue dan dodol", "Cakes and dodol", (3, 2, 1, 1, 1), 0.5, 0.8),
    Product("Boneka", "Dolls", (3, 3, 0, 0, 0.5), 0.0, 1.4),
    Product("Konveksi", "Garments", (5, 5, 0.5, 0, 0.5), 0.1, 1.9),
    Product("Batik", "Batik", (2, 1, 0.3, 0.3, 0.3), 0.1, 1.2),
    Product("Katering", "Catering", (2, 6, 0, 0, 0), 0.3, 2.0),
    Product("Rumah kos dan jasa", "Boarding houses and services", (3, 8, 0, 0, 0), 0.0, 2.2),
)
