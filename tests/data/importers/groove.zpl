
<?zpl version="2.0"?>
<smil>
  <head>
    <meta name="generator" content="Entertainment Platform -- 10.22031.1009.0" />
    <meta name="itemCount" content="1" />
    <title>Evening</title>
  </head>
  <body>
    <seq>
      <media src="C:\Users\me\Music\Joga.mp3" albumTitle="Homogenic" albumArtist="Björk" trackTitle="Jóga" trackArtist="Björk" duration="305093" />
    </seq>
  </body>
</smil>
