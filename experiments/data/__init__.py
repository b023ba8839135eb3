"""Tables of published figures that come with the project, and the one door to a folder of Japan's history."""
