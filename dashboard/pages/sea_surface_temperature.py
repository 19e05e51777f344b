"""Sea surface temperature: a measured series, smoothed by a window that the reader chooses."""

from components.sea_surface_temperature import SeaSurfaceTemperature
from dashboard.shell import serve_page

serve_page("sea_surface_temperature", "Sea Surface Temperature", lambda _page: [SeaSurfaceTemperature()])
