[playlist]
X-GNOME-Title=Evening
NumberOfEntries=5
Title2=AC/DC - Back in Black
File2=D:\Musik\ACDC\06 Back in Black.mp3
Length2=255
File1=file:///music/Bj%C3%B6rk/Homogenic/02%20J%C3%B3ga.flac
Title1=Jóga
Length1=305
File10=http://stream.example.org/radio
Title10=Radio Example
Length10=-1
Version=2
